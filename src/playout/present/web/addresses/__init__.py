"""The addresses of the API, a few lines each: find what a request speaks of, hand the work to a lane, answer."""
