"""What a person or a program is told about a deployment: status, tables, files, progress."""
