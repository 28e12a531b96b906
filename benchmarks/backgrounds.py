"""What each registered background measures and looks like: the figures and pictures of docs/backgrounds.md.

    python benchmarks/backgrounds.py [NAME...]

Writes docs/backgrounds/NAME.png, by default of all, and puts every background's row and picture into the page. A minute
of each is made, with seed 1; the row of one that is not named stays as it is. CPU seconds are this machine's.
"""

import re
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from narration.backgrounds import load, names
from narration.loudness import Meter
from narration.timing import RATE_HZ

PAGE = Path(__file__).parents[1] / "docs" / "backgrounds.md"
BEGIN, END = "<!-- made by benchmarks/backgrounds.py: begin -->", "<!-- made by benchmarks/backgrounds.py: end -->"
SECONDS = 60
HEAD = (
    "| name | what it is | kind | LUFS | LRA, LU | slope, dB/octave | left-right | rise, dB | CPU, s/min |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 600, 190, 52, 24, 12, 26
LOW_HZ, HIGH_HZ, RANGE_DB = 40.0, 16_000.0, 70.0
INK, PAPER = (200, 205, 215), (14, 16, 24)
COLOURS = np.array([(14, 16, 24), (34, 36, 84), (92, 46, 122), (176, 74, 96), (232, 140, 84), (250, 222, 150)])


def made(name: str) -> tuple[np.ndarray, float]:
    """A minute of a background, float32 (n, 2), and the CPU seconds it took."""
    begun, blocks, have = time.process_time(), [], 0
    for block in load(name, 1).blocks():
        blocks.append(block)
        have += len(block)
        if have >= SECONDS * RATE_HZ:
            break
    return np.concatenate(blocks)[: SECONDS * RATE_HZ], time.process_time() - begun


def slope(samples: np.ndarray) -> float:
    """dB an octave of the power density from 63 Hz to 4 kHz, a straight line through thirds of an octave."""
    power = (np.abs(np.fft.rfft(samples, axis=0)) ** 2).sum(axis=1)
    edges_hz = 63 * 2 ** (np.arange(19) / 3 - 1 / 6)
    edges = np.searchsorted(
        np.fft.rfftfreq(len(samples), 1 / RATE_HZ), np.append(edges_hz, edges_hz[-1] * 2 ** (1 / 3))
    )
    density = [power[low:high].mean() for low, high in pairwise(edges)]
    return float(np.polyfit(np.arange(19) / 3, 10 * np.log10(density), 1)[0])


def rise(samples: np.ndarray) -> float:
    """The steepest rise in dB within 100 ms of the mono sum over 150 Hz: what might startle."""
    mono = samples.mean(axis=1, dtype=np.float64)
    hz = np.fft.rfftfreq(len(mono), 1 / RATE_HZ)
    high = np.fft.irfft(np.fft.rfft(mono) / np.sqrt(1 + (150 / np.maximum(hz, 1e-3)) ** 4), len(mono))
    size = RATE_HZ // 20
    levels = 10 * np.log10((high[: len(high) // size * size].reshape(-1, size) ** 2).mean(axis=1) + 1e-12)
    return float((levels[2:] - levels[:-2]).max())


def row(name: str, samples: np.ndarray, cpu_s: float) -> str:
    info, meter = load(name, 1).info, Meter()
    meter.push(samples)
    alike = np.corrcoef(samples.T)[0, 1]
    figures = (
        f"{meter.integrated_lufs:.1f} | {meter.range_lu:.1f} | {slope(samples):.1f} | {alike:.2f} | {rise(samples):.1f}"
    )
    return f"| `{name}` | {info.title} | {info.kind} | {figures} | {cpu_s:.1f} |"


def spectrogram(samples: np.ndarray) -> np.ndarray:
    """Levels 0 to 1, (rows, columns): log frequency from the top down, time; 1 is the loudest, 0 RANGE_DB below it."""
    columns, rows, size = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM, 2**13
    mono, hz = samples.mean(axis=1), np.fft.rfftfreq(size, 1 / RATE_HZ)
    starts = np.linspace(0, len(mono) - size, 3 * columns).astype(int)
    power = np.stack([np.abs(np.fft.rfft(mono[at : at + size] * np.hanning(size))) ** 2 for at in starts])
    power = power.reshape(columns, 3, -1).mean(axis=1)
    edges = np.searchsorted(hz, np.geomspace(HIGH_HZ, LOW_HZ, rows + 1))
    power = np.stack([power[:, low : max(high, low + 1)].mean(axis=1) for high, low in pairwise(edges)])
    levels = 10 * np.log10(power + 1e-20)
    return np.clip(1 + (levels - np.percentile(levels, 99.7)) / RANGE_DB, 0, 1)


def picture(name: str, samples: np.ndarray) -> Image.Image:
    levels = np.round(spectrogram(samples) * 31) / 31  # 32 colours keep the file small
    stops = np.linspace(0, 1, len(COLOURS))
    colours = np.stack([np.interp(levels, stops, COLOURS[:, channel]) for channel in range(3)], axis=2)
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    image.paste(Image.fromarray(colours.astype(np.uint8)), (LEFT, TOP))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(11)
    draw.text((LEFT, 6), f"{name}: a minute, loudest to {RANGE_DB:.0f} dB below", INK, font)
    for hz in (100, 300, 1000, 3000, 10_000):
        y = TOP + (HEIGHT - TOP - BOTTOM) * np.log(HIGH_HZ / hz) / np.log(HIGH_HZ / LOW_HZ)
        draw.line((LEFT - 4, y, LEFT, y), INK)
        draw.text((LEFT - 6, y), f"{hz / 1000:g} kHz" if hz >= 1000 else f"{hz} Hz", INK, font, "rm")
    for second in range(0, SECONDS + 1, 10):
        x = LEFT + (WIDTH - LEFT - RIGHT) * second / SECONDS
        draw.line((x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 4), INK)
        draw.text((x, HEIGHT - BOTTOM + 5), f"{second} s", INK, font, "ma")
    return image.quantize(48, dither=Image.Dither.NONE)


def main(*wanted: str) -> None:
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    old, _, after = rest.partition(END)
    rows = {name: line for line, name in re.findall(r"^(\| `([^`]+)` \|.*)$", old, re.MULTILINE)}
    folder = PAGE.with_suffix("")
    folder.mkdir(exist_ok=True)
    for name in names():
        if name in rows and wanted and name not in wanted:
            continue
        samples, cpu_s = made(name)
        rows[name] = row(name, samples, cpu_s)
        picture(name, samples).save(folder / f"{name}.png", optimize=True)
        print(rows[name])
    table = "\n".join([HEAD, *(rows[name] for name in names())])
    pictures = "\n".join(f"![Spectrogram of {name}]({folder.name}/{name}.png)" for name in names())
    credits = "\n".join(f"- `{name}`: {load(name, 1).info.licence}; {load(name, 1).info.source}." for name in names())
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n\n{credits}\n\n{pictures}\n{END}{after}")


if __name__ == "__main__":
    main(*sys.argv[1:])
