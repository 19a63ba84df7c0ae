"""HTTP interface. Only this package deals with requests, responses, URLs, templates and cookies."""
