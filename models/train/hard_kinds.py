#!/usr/bin/env python3
"""What the program reads of hard kinds, drawn by the project's own generator: rolled plates of one line and of two with the error
of their corners, stacked small letters, other scripts, three lines, and boards that are no plates.

    synth plates --fonts fixtures/fonts --count 400 --seed 77 --scale 4 --out DIR/sp
    synth framed --fonts fixtures/fonts --count 2500 --seed 78 --out DIR/fr
    hard_kinds.py DIR [--program platewarden] [--fonts fixtures/fonts]

Needs numpy and Pillow. Plates are 200 pixels wide (hard kinds 200 within their holders) in a grey picture of 640 by 480.
Corner errors are means over the four corners, in heights of the plate. The kinds of `framed` are those the recogniser is trained
on, other plates of them: photographs are harder.
"""
import argparse
import json
import math
import os
import subprocess

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = (640, 480)
GREY = (95, 100, 104)
WIDTH = 200
ANGLES = (0, 5, 10, 15, 20, 25)
BOARDS = ("1 800 555 0199", "COEXIST", "HTTP MJPEG", "SALE 50%", "EXIT 24", "TAXI", "POLICE", "FOR SALE", "OPEN 24H", "SPEED 35",
          "PIZZA", "RENT ME", "CALL 555 0123", "KEEP OUT", "NO PARKING", "BUS 42", "ROUTE 66", "STOP", "LOADING ZONE", "VOTE 2026")
SURE = 0.9


def read(program, folder):
    """The plates of each picture of a folder, by its name."""
    out = subprocess.run([program, "read", "--quiet", folder], capture_output=True, text=True, check=True).stdout
    return {os.path.basename(line["source"]): line["plates"] for line in map(json.loads, out.splitlines())}


def sprites(prefix):
    """Picture, text, lines and aspect of each plate."""
    raw = np.memmap(prefix + ".rgb", dtype=np.uint8, mode="r").reshape(-1, 320, 640, 3)
    with open(prefix + ".txt", encoding="utf-8") as file:
        for picture, line in zip(raw, file):
            text, lines, aspect, _ = line.rstrip("\n").split("\t")
            yield picture, text, int(lines), float(aspect)


def rolled(picture, aspect, angle, seed):
    """A plate turned about the middle of a picture, its corners from top left clockwise, and its height."""
    height = max(8, round(WIDTH / aspect))
    noise = np.random.default_rng(seed).integers(-6, 7, (SIZE[1], SIZE[0], 1))
    scene = Image.fromarray((np.array(GREY) + noise).clip(0, 255).astype(np.uint8))
    plate = Image.fromarray(np.asarray(picture)).resize((WIDTH * 3, height * 3), Image.LANCZOS).convert("RGBA")
    plate = plate.rotate(-angle, resample=Image.BICUBIC, expand=True)
    plate = plate.resize((max(1, plate.width // 3), max(1, plate.height // 3)), Image.LANCZOS)
    middle = SIZE[0] / 2, SIZE[1] / 2
    scene.paste(plate, (round(middle[0] - plate.width / 2), round(middle[1] - plate.height / 2)), plate)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    half = WIDTH / 2, height / 2
    corners = [(middle[0] + x * half[0] * cos - y * half[1] * sin, middle[1] + x * half[0] * sin + y * half[1] * cos)
               for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return scene, corners, height


def roll(a):
    for lines in (1, 2):
        chosen = [s for s in sprites(os.path.join(a.dir, "sp")) if s[2] == lines and s[1]][:60]
        for angle in ANGLES:
            folder = os.path.join(a.dir, f"roll_{lines}_{angle}")
            os.makedirs(folder, exist_ok=True)
            truth = {}
            for i, (picture, text, _, aspect) in enumerate(chosen):
                scene, corners, height = rolled(picture, aspect, angle if i % 2 else -angle, i)
                scene.save(os.path.join(folder, f"{i:03}.png"))
                truth[f"{i:03}.png"] = text, corners, height
            exact, wrong, errors = 0, 0, []
            for name, plates in read(a.program, folder).items():
                text, corners, height = truth[name]
                if not plates:
                    continue
                error, best = min(((np.mean([math.dist(c, (q["x"], q["y"])) for c, q in zip(corners, p["corners"])]) / height, p)
                                   for p in plates), key=lambda pair: pair[0])
                errors.append(error)
                exact += best["text"] == text
                wrong += best["text"] != text and best["confidence"] >= SURE
            print(f"{lines} line(s), {angle:2} degrees: found {len(errors)} of {len(truth)}, exact {exact}, corners off by "
                  f"{np.mean(errors):.2f} heights, wrong at {SURE} and more: {wrong}")


def hard(a):
    raw = np.memmap(os.path.join(a.dir, "fr.rgb"), dtype=np.uint8, mode="r").reshape(-1, 96, 192, 3)
    kinds = {}
    with open(os.path.join(a.dir, "fr.txt"), encoding="utf-8") as file:
        for picture, line in zip(raw, file):
            signs, lines, aspect, design = line.rstrip("\n").split("\t")[:4]
            kind = ("other scripts" if "?" in signs else "three lines" if lines == "3"
                    else "stacked" if design in ("us-small-letters", "us-stacked", "in-stacked") else None)
            if kind and len(kinds.setdefault(kind, [])) < 80:
                kinds[kind].append((picture, signs.replace("?", ""), float(aspect)))
    for kind, rows in kinds.items():
        folder = os.path.join(a.dir, "hard_" + kind.replace(" ", "_"))
        os.makedirs(folder, exist_ok=True)
        for i, (picture, _, aspect) in enumerate(rows):
            # The stored picture is the plate stretched, with a tenth of it around it on each side.
            plate = Image.fromarray(np.asarray(picture)).resize((WIDTH * 6 // 5, max(10, round(WIDTH * 1.2 / aspect))), Image.LANCZOS)
            scene = Image.new("RGB", SIZE, GREY)
            scene.paste(plate, ((SIZE[0] - plate.width) // 2, (SIZE[1] - plate.height) // 2))
            scene.save(os.path.join(folder, f"{i:03}.png"))
        found = exact = wrong = told = 0
        for name, plates in read(a.program, folder).items():
            if not plates:
                continue
            best, text = max(plates, key=lambda p: p["bounds"]["width"]), rows[int(name[:3])][1]
            found += 1
            exact += best["text"] == text
            wrong += best["text"] != text and best["confidence"] >= SURE
            told += best["unknown_signs"] > 0
        print(f"{kind}: found {found} of {len(rows)}, exact {exact}, wrong at {SURE} and more: {wrong}, unknown signs told: {told}")


def boards(a):
    fonts = sorted(os.path.join(a.fonts, name) for name in os.listdir(a.fonts) if name.endswith(".ttf"))
    folder = os.path.join(a.dir, "boards")
    os.makedirs(folder, exist_ok=True)
    colours = (((255, 255, 255), (20, 20, 20)), ((20, 60, 140), (255, 255, 255)), ((240, 200, 40), (10, 10, 10)))
    for n, (text, (ground, ink)) in enumerate((text, colour) for text in BOARDS for colour in colours):
        font = ImageFont.truetype(fonts[n % len(fonts)], 40)
        left, top, right, bottom = font.getbbox(text)
        board = Image.new("RGB", (right - left + 40, bottom - top + 30), ground)
        ImageDraw.Draw(board).text((20 - left, 15 - top), text, font=font, fill=ink)
        scene = Image.new("RGB", SIZE, GREY)
        scene.paste(board, ((SIZE[0] - board.width) // 2, (SIZE[1] - board.height) // 2))
        scene.filter(ImageFilter.GaussianBlur(0.6)).save(os.path.join(folder, f"{n:03}.png"))
    sure = [max(p["confidence"] for p in plates) for plates in read(a.program, folder).values() if plates]
    print(f"boards: {len(sure)} of {3 * len(BOARDS)} taken for plates, {sum(c >= SURE for c in sure)} of them with a text of {SURE} and more")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir")
    parser.add_argument("--program", default="platewarden")
    parser.add_argument("--fonts", default="fixtures/fonts")
    a = parser.parse_args()
    for part in (roll, hard, boards):
        part(a)


if __name__ == "__main__":
    main()
