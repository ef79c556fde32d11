"""flask --app app …: everything an operator types."""
