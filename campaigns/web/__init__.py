"""The Flask shell: requests, errors, headers, caching. Knows no feature."""
