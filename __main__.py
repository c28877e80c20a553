"""`python -m pickmatte`: the command line."""

from pickmatte.cli import main

if __name__ == "__main__":
    main(prog_name="pickmatte")
