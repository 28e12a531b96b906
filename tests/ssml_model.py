"""SSML 1.1 as a table, for tests: what may stand in what, and how attributes are spelt.

Written from memory of the Recommendation (W3C, 7 September 2010, sections 3.1 and 3.2), without elements that we never
write. It stands in for W3C's own schema, which no package of the tests' brings along.
"""

import re
import xml.etree.ElementTree as ElementTree

NAMESPACE = "{http://www.w3.org/2001/10/synthesis}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
INSIDE = frozenset("break emphasis mark phoneme prosody sub voice".split())
NAME = r"\S(?:\S| (?! )(?=\S))*"
DURATION = r"\+?([0-9]*\.)?[0-9]+(ms|s)"
# element → (elements that may stand in it, whether text may, required attributes, optional attributes)
MODEL = {
    "speak": (INSIDE | {"meta", "p", "s"}, True, {"version": r"1\.1", LANG: r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*"}, {}),
    "meta": (frozenset(), False, {"content": r"(?s).*", "name": r"[\w.:-]+"}, {}),
    "p": (INSIDE | {"s"}, True, {}, {}),
    "s": (INSIDE, True, {}, {}),
    "break": (frozenset(), False, {}, {"time": DURATION}),
    "mark": (frozenset(), False, {"name": NAME}, {}),
    "emphasis": (INSIDE, True, {}, {"level": "strong|moderate|none|reduced"}),
    "prosody": (
        INSIDE | {"p", "s"},
        True,
        {},
        {"rate": "x-slow|slow|medium|fast|x-fast|default", "volume": "silent|x-soft|soft|medium|loud|x-loud|default"},
    ),
    "voice": (INSIDE | {"p", "s"}, True, {}, {"name": r"\S(.*\S)?"}),
    "phoneme": (frozenset(), True, {"ph": r"(?s).+"}, {"alphabet": "ipa"}),
    "sub": (frozenset(), True, {"alias": r"(?s).+"}, {}),
}


def faults(text):
    """What of an SSML text the model does not allow; meta only before everything else."""
    root = ElementTree.fromstring(text.encode())
    found = [] if root.tag == f"{NAMESPACE}speak" else [f"root {root.tag}"]
    names = [child.tag.removeprefix(NAMESPACE) for child in root]
    found += ["meta after other elements"] * ("meta" in names[names.count("meta") :])
    for element in root.iter():
        name = element.tag.removeprefix(NAMESPACE)
        if element.tag == name or name not in MODEL:
            found.append(f"element {element.tag}")
            continue
        children, words, required, optional = MODEL[name]
        found += [f"{child.tag} in {name}" for child in element if child.tag.removeprefix(NAMESPACE) not in children]
        texts = [element.text, *(child.tail for child in element)]
        found += [f"text in {name}" for text in texts if not words and (text or "").strip()]
        found += [f"{name} without {key}" for key in required.keys() - element.attrib.keys()]
        for key, value in element.attrib.items():
            pattern = (required | optional).get(key)
            if pattern is None or not re.fullmatch(pattern, value):
                found.append(f'{name} {key}="{value}"')
    return found
