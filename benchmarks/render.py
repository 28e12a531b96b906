"""What a whole render costs beside its physical limit, the encoding of the same samples with the same settings.

    python benchmarks/render.py [--quick | --every] [--hours] [--voice espeak] [--background brown] [--rounds 3]

Every run is a process of its own, and those compared are run in turn: only ratios are told, so that the machine's own
speed cancels out (a busy machine still spoils the wall times). A warm cache holds the speech, a cold one nothing.
Rivals put the same clips at the same times over the background into an MP3 with the same settings: plain pydub and one
filter graph of ffmpeg, which find the background ready as a WAV file and do no more; and one filter graph of ffmpeg
that comes nearer to the same job: it makes the noise, ducks it, limits peaks, and measures loudness and true peak.
No rival sets the loudness, which would take it a second pass, nor writes chapters, tags and sidecars.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

Cost = tuple[float, float, float]  # CPU seconds, wall seconds, peak MB
SESSION = str(Path(__file__).with_name("session.md"))  # may last from a minute to a day
FORMATS = ("mp3", "m4b", "opus", "flac", "wav")


def cost(command: list[str], **environment: str) -> Cost:
    """What a command costs. The peak is the largest of its processes."""
    wall = time.perf_counter()
    inherited = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }  # compiled once
    child = subprocess.Popen(command, env=inherited | environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} failed")
    return used.ru_utime + used.ru_stime, time.perf_counter() - wall, used.ru_maxrss / 1024


def job(name: str, *arguments: object) -> list[str]:
    return [sys.executable, __file__, "--job", name, *map(str, arguments)]


def told(label: str, ours: list[Cost], limit: list[Cost]) -> None:
    cpu, wall = (median(a[index] / b[index] for a, b in zip(ours, limit, strict=True)) for index in (0, 1))
    peak = max(one[2] for one in ours)
    print(f"| {label} | {cpu:.2f} | {wall:.2f} | {median(one[0] for one in limit):.1f} s | {peak:.0f} MB |", flush=True)


# --- jobs, each in a process of its own ---


def render(track: str, length: str, voice: str, background: str) -> None:
    from narration import render
    from narration.timing import parse_duration

    render(
        SESSION, track, force=True, voice=voice, length=parse_duration(length), background=background, ending="sleep"
    )


def encode(track: str, wav: str) -> None:
    """The encoder alone, in one thread, as it comes: samples from a WAV file, one second at a time."""
    import numpy as np
    import soundfile

    from narration.encode import FORMATS, target_for
    from narration.encode.mp3 import _lame, check

    target = target_for(Path(track))
    with soundfile.SoundFile(wav) as file, open(track, "w+b") as out:
        if target.format == "mp3":
            lame = _lame(check(target), target.quality)
            for block in file.blocks(44_100, dtype="int16"):
                out.write(lame.encode(block.tobytes()))
            out.write(lame.flush())
            return
        sink = FORMATS[target.format].open(out, target, file.frames)
        kind = "int16" if sink.bits == 16 else "int32"
        for block in file.blocks(44_100, dtype=kind):
            sink.add(np.ascontiguousarray(block))
        sink.finish()
        sink.close()


def clips(folder: str, length: str, voice: str, background: str) -> None:
    """What the rivals start from: a WAV file for each line, where it begins, and the background as one WAV."""
    import soundfile

    from narration import voices
    from narration.levels import Levels
    from narration.mix import Mix
    from narration.script.builtin import find
    from narration.session import measured
    from narration.timing import parse_duration
    from narration.wishes import Wishes, document, sounds

    wishes = Wishes(length=parse_duration(length), background=background, ending="sleep")
    script = document(find(SESSION), wishes)
    plan, heard = measured(script, voices.load(voice))
    lines = []
    for number, one in enumerate(plan.utterances):
        soundfile.write(f"{folder}/{number}.wav", heard[one.say].samples, 44_100, subtype="PCM_16")
        lines.append(f"{number}.wav {one.start} {one.end}\n")
    Path(folder, "lines.txt").write_text("".join(lines) + f"end {plan.length} {plan.length}\n")
    by_name = sounds(script, wishes, find(SESSION))
    mix = Mix(plan, heard, [by_name[turn.background] for turn in plan.turns], Levels(duck_db=0))
    with soundfile.SoundFile(f"{folder}/background.wav", "w", 44_100, 2, "PCM_16") as out:
        for block in mix.background(0, plan.length):
            out.write(block)


def schedule(folder: str) -> list[tuple[str, int, int]]:
    rows = [line.split() for line in Path(folder, "lines.txt").read_text().splitlines()]
    return [(name, int(start), int(end)) for name, start, end in rows]


def pydub(folder: str, track: str) -> None:
    from pydub import AudioSegment

    voice, at = AudioSegment.empty(), 0
    for name, start, end in schedule(folder):
        voice += AudioSegment.silent((start - at) * 1000 // 44_100, frame_rate=44_100)
        voice += AudioSegment.from_wav(f"{folder}/{name}") if name != "end" else AudioSegment.empty()
        at = end
    AudioSegment.from_wav(f"{folder}/background.wav").overlay(voice).export(track, format="mp3", bitrate="128k")


def ffmpeg(folder: str, track: str, noise: str | None = None) -> list[str]:
    """One filter graph: silences and lines concatenated, mixed with the background; ``noise`` to do the whole job."""
    inputs, graph, parts, at = [], [], [], 0
    for number, (name, start, end) in enumerate(schedule(folder)):
        graph.append(f"anullsrc=r=44100:cl=mono,atrim=end_sample={max(1, start - at)}[s{number}]")
        parts.append(f"[s{number}]")
        if name != "end":
            inputs += ["-i", f"{folder}/{name}"]
            parts.append(f"[{number}:a]")
        at = end
    voice = "".join(parts) + f"concat=n={len(parts)}:v=0:a=1,pan=stereo|c0=c0|c1=c0"
    if noise is None:
        graph += [f"{voice}[v]", f"[v][{len(inputs) // 2}:a]amix=normalize=0[out]"]
        inputs += ["-i", f"{folder}/background.wav"]
    else:
        sides = [f"anoisesrc=c={noise}:r=44100:s={seed}:d={at / 44_100}[n{seed}]" for seed in (1, 2)]
        graph += [f"{voice},asplit[v][key]", *sides, "[n1][n2]join=inputs=2:channel_layout=stereo[b]"]
        graph.append("[b][key]sidechaincompress=threshold=0.01:ratio=4:attack=300:release=1000[low]")
        graph.append("[v][low]amix=normalize=0,alimiter=limit=0.7:level=0,ebur128=peak=true:framelog=verbose[out]")
    script = Path(folder, f"graph-{noise}.txt")
    script.write_text(";".join(graph))
    settings = ["-map", "[out]", "-c:a", "libmp3lame", "-b:a", "128k", "-compression_level", "5", track]
    return ["ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex_script", str(script), *settings]


JOBS: dict[str, Callable[..., None]] = {"render": render, "encode": encode, "clips": clips, "pydub": pydub}


def table(length: str, formats: tuple[str, ...], asked: argparse.Namespace, cold: bool, rivals: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name), {"NARRATION_CACHE": f"{name}/cache"}
        sound = (length, asked.voice, asked.background)
        if cold:
            first = cost(job("render", folder / "cold.mp3", *sound), **cache)
        cost(job("render", folder / "all.wav", *sound), **cache)
        for format_ in formats:
            runs = {f"over {asked.background}, warm": job("render", folder / f"a.{format_}", *sound)}
            if rivals and format_ == "mp3" and shutil.which("ffmpeg"):
                cost(job("clips", folder, *sound), **cache)
                runs["pydub"] = job("pydub", folder, folder / "p.mp3")
                runs["ffmpeg, mixing only"] = ffmpeg(name, f"{name}/f.mp3")
                if asked.background in ("brown", "pink"):
                    runs["ffmpeg, the whole job"] = ffmpeg(name, f"{name}/g.mp3", asked.background)
            limit, found = list[Cost](), {label: list[Cost]() for label in runs}
            for _ in range(asked.rounds):
                limit.append(cost(job("encode", folder / f"b.{format_}", folder / "all.wav")))
                for label, command in runs.items():
                    found[label].append(cost(command, **cache))
            if cold and format_ == "mp3":
                told(f"{length} mp3, cold", [first], limit[:1])
            for label, costs in found.items():
                told(f"{length} {format_} {label}", costs, limit)


def every(asked: argparse.Namespace) -> None:
    from narration.backgrounds import names

    for name in names():
        asked.background = name
        table("20m", ("mp3",), asked, cold=False, rivals=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="20 minutes as MP3 and its rivals only, once")
    parser.add_argument("--every", action="store_true", help="20 minutes as MP3 over each built-in background only")
    parser.add_argument("--hours", action="store_true", help="8 hours, too")
    parser.add_argument("--voice", default="espeak")
    parser.add_argument("--background", default="brown")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--job", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.job:
        JOBS[asked.job[0]](*asked.job[1:])
        return
    asked.rounds = 1 if asked.quick else asked.rounds
    print(f"voice {asked.voice}, background {asked.background}; against the encoder alone, in one thread")
    print("| track | CPU | wall | encoder's CPU | peak |\n| --- | --- | --- | --- | --- |")
    if asked.every:
        every(asked)
        return
    table("20m", ("mp3",) if asked.quick else FORMATS, asked, cold=True, rivals=True)
    if not asked.quick:
        table("60m", ("mp3",), asked, cold=True, rivals=True)
    if asked.hours:
        asked.rounds = 1
        table("8h", ("mp3",), asked, cold=False, rivals=False)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
