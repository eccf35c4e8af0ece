"""Reports on a deployment for persons and programs: status, tables, files, progress."""
