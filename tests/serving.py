"""A library served on loopback, for the length of a test."""

import threading
from contextlib import contextmanager

import uvicorn

from narration.serve import application, listen


@contextmanager
def serving(folder):
    served = listen(folder, port=0)
    config = uvicorn.Config(application(folder, served.names), log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [served.socket]})
    thread.start()
    try:
        yield served.address
    finally:
        server.should_exit = True
        thread.join()
