#!/usr/bin/env python3
"""Write the SHA-256 of the model files into ../manifest.toml."""
import hashlib
import os
import re

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
path = os.path.join(folder, "manifest.toml")
text = open(path, encoding="utf-8").read()


def stamp(match):
    digest = hashlib.sha256(open(os.path.join(folder, match[1]), "rb").read()).hexdigest()
    return f'file = "{match[1]}"\nsha256 = "{digest}"'


open(path, "w", encoding="utf-8").write(re.sub(r'file = "([^"]+)"\nsha256 = "[^"]*"', stamp, text))
