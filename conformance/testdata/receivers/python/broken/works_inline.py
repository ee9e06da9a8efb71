"""Mistake: does its work before it answers."""

import time

import app


def handle(event):
    time.sleep(2.3)  # writes to a database far away


app.run(handle)
