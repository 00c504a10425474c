"""Pictures: charts, drawn in a process of their own, and QR codes; nobody else imports what draws."""
