"""A catalogue report: a row for each app, a summary, and its forms as a file."""
