"""Pictures: charts and QR codes. The only importer of the libraries that draw; no I/O."""
