"""`python -m search_service` is the `search-service` command."""

from search_service.cli import main

main()
