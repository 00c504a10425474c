"""Real fakes at the seams, under the same contract as what they stand for."""
