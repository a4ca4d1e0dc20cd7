"""Build, audit and release the smv_ai warehouse; open a release for reading."""

__version__ = "0.1.0"
