"""What Étalon says and how it looks: strings, number formats, errors, palette, file schemas.

Standard library only, and cheap to import: the command line loads it before anything else.
"""
