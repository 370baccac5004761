"""The application for any WSGI server: `gunicorn wsgi:app`."""

from search_service.web import create_app

app = create_app()
