"""Makes training pairs and a retrieval test from the package lists that `make.sh` fetched.

    python3 make_pairs.py LISTS OUTPUT [--train N] [--documents N] [--queries N]

LISTS holds Packages.gz, Translation-en.gz and Translation-ko.gz; OUTPUT is a folder to create, with
train.jsonl, siblings.jsonl and dev/, and ko/ and ko-en/ with the like for Korean. Needs the standard library alone. The same lists and numbers give the same
files, byte for byte; README.md says what is kept, what is dropped, and why.
"""

import argparse
import collections
import gzip
import hashlib
import itertools
import json
import pathlib
import re
import sys

# A run of so many words that two source packages share makes their packages siblings.
RUN = 8
# A run that more source packages than this share is boilerplate and makes no siblings.
FAMILY = 4
# A description needs so many words outside boilerplate, and a summary so many words at all.
OWN_WORDS = 16
SUMMARY_WORDS = 3
# Texts are nearly equal if they have this share of their different words in common.
NEAR_SUMMARY = 0.8
NEAR_DESCRIPTION = 0.6

# Of the Korean pairs, so many in a hundred are for the test, each with a query.
KOREAN_TEST = 20

# Sections of packages that go with another one, whose description is the better one to keep.
COMPANIONS = {
    "debug", "doc", "introspection", "libdevel", "localization", "metapackages", "oldlibs",
    "translations",
}
# Packages of which the description says no more than this.
EMPTY = ("transitional", "dummy", "metapackage", "empty package")

WORD = re.compile(r"[a-z]+")
HANGUL = re.compile("[가-힣]")
SENTENCE_END = re.compile(r"(?<=[.!?:])\s+(?=[^a-z])")


class Package:
    """A binary package: its name, its source package's, and what is written about it.

    `korean` is the same in Korean, summary and text, or None.
    """

    def __init__(self, name, source, section, summary, paragraphs, korean):
        self.name, self.source, self.section = name, source, section
        self.summary, self.paragraphs, self.korean = summary, paragraphs, korean


def stanzas(path):
    """The stanzas of a control file, as dictionaries; continued lines keep their newlines."""
    stanza, key = {}, None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if not line:
                if stanza:
                    yield stanza
                stanza, key = {}, None
            elif line[0] in " \t":
                stanza[key] += "\n" + line
            else:
                key, _, value = line.partition(":")
                stanza[key] = value.strip()
    if stanza:
        yield stanza


def paragraphs(description):
    """The paragraphs of a long description, each on one line; " ." stands between them."""
    found = [[]]
    for line in description.split("\n")[1:]:
        if line.strip() == ".":
            found.append([])
        else:
            found[-1].append(line)
    joined = (" ".join(" ".join(lines).split()) for lines in found)
    return [paragraph for paragraph in joined if paragraph]


def read_packages(lists):
    """All packages of the lists, in the order of their names, each name once."""
    long, korean = translations(lists, "en"), translations(lists, "ko")
    packages = {}
    for stanza in stanzas(lists / "Packages.gz"):
        name, summary = stanza["Package"], stanza.get("Description", "")
        key = name, stanza.get("Description-md5")
        description = long.get(key, summary)
        packages.setdefault(name, Package(
            name, stanza.get("Source", name).split(" ")[0], stanza.get("Section", ""),
            " ".join(summary.split("\n")[0].split()), paragraphs(description),
            korean_text(korean.get(key))))
    return [packages[name] for name in sorted(packages)]


def translations(lists, language):
    """The descriptions in a language, by package and digest of the English one."""
    return {
        (stanza["Package"], stanza["Description-md5"]): stanza["Description-" + language]
        for stanza in stanzas(lists / f"Translation-{language}.gz")}


def korean_text(description):
    """Summary and text of a Korean description; None if either is missing or not translated."""
    if description is None:
        return None
    summary = " ".join(description.split("\n")[0].split())
    text = " ".join(paragraph for paragraph in paragraphs(description) if paragraph)
    if len(HANGUL.findall(summary)) < 3 or len(HANGUL.findall(text)) < 20:
        return None
    return summary, text


def words(text):
    """The words of a text without case, digits and punctuation: versions and names of files go."""
    return WORD.findall(text.lower())


class Runs:
    """Numbers for runs of words: any eight in a row, a whole shorter paragraph, a whole summary."""

    def __init__(self):
        self.numbers = {}
        self.boilerplate = set()

    def of_words(self, found):
        numbers = [self.numbers.setdefault(word, len(self.numbers)) for word in found]
        if len(numbers) < RUN:
            return [self.number(numbers)] if numbers else []
        return [self.number(numbers[i:i + RUN]) for i in range(len(numbers) - RUN + 1)]

    def of_summary(self, summary):
        return self.number([-1] + [
            self.numbers.setdefault(word, len(self.numbers)) for word in words(summary)])

    @staticmethod
    def number(numbers):
        # Python hashes tuples of integers alike in every run.
        return hash(tuple(numbers)) & (1 << 64) - 1

    def own_words(self, paragraph):
        """How many words of a paragraph are in no boilerplate."""
        found = words(paragraph)
        shared = [False] * len(found)
        for start, run in enumerate(self.of_words(found)):
            if run in self.boilerplate:
                shared[start:start + RUN] = [True] * len(shared[start:start + RUN])
        return shared.count(False)


class Groups:
    """Sets of things that are joined two by two; each set is known by its smallest member."""

    def __init__(self, count):
        self.parents = list(range(count))

    def of(self, member):
        while self.parents[member] != member:
            self.parents[member] = self.parents[self.parents[member]]
            member = self.parents[member]
        return member

    def join(self, one, other):
        one, other = self.of(one), self.of(other)
        self.parents[max(one, other)] = min(one, other)


def siblings(packages, runs):
    """Groups of packages: of one source package, or of sources that share a run of words.

    Notes as well which runs are boilerplate.
    """
    sources = {}
    first = []
    groups = Groups(len(packages))
    occurrences = set()
    for number, package in enumerate(packages):
        source = sources.setdefault(package.source, len(sources))
        if source == len(first):
            first.append(number)
        groups.join(first[source], number)
        found = [runs.of_summary(package.summary)]
        for paragraph in package.paragraphs:
            found += runs.of_words(words(paragraph))
        occurrences.update(run << 20 | source for run in found)

    ordered = sorted(occurrences)
    start = 0
    while start < len(ordered):
        run, end = ordered[start] >> 20, start + 1
        while end < len(ordered) and ordered[end] >> 20 == run:
            end += 1
        if end - start > FAMILY:
            runs.boilerplate.add(run)
        else:
            for occurrence in ordered[start + 1:end]:
                groups.join(first[ordered[start] & 0xFFFFF], first[occurrence & 0xFFFFF])
        start = end
    return groups


def rare_words(found, frequency, share):
    """The words of a set of which one at least is in every set that has the share in common."""
    rarest = sorted(found, key=lambda word: (frequency[word], word))
    return rarest[:len(found) - int(-(-share * len(found) // 1)) + 1]


def near_summaries(summaries):
    """Pairs of summaries that are nearly equal."""
    sets = [frozenset(words(summary)) for summary in summaries]
    frequency = collections.Counter(word for found in sets for word in found)
    holders = collections.defaultdict(list)
    for number, found in enumerate(sets):
        for word in rare_words(found, frequency, NEAR_SUMMARY):
            for other in holders[word]:
                if in_common(sets[other], found) >= NEAR_SUMMARY:
                    yield other, number
            holders[word].append(number)


def near_descriptions(descriptions):
    """Pairs of descriptions that are nearly equal, among those that share three words in a row.

    Three words that many have are passed over: here that loses nothing and saves half a minute.
    """
    found = [words(description) for description in descriptions]
    sets = [frozenset(each) for each in found]
    holders = collections.defaultdict(list)
    for number, each in enumerate(found):
        for run in set(zip(each, each[1:], each[2:])):
            holders[run].append(number)
    candidates = set()
    for numbers in holders.values():
        if len(numbers) <= 30:
            candidates.update(itertools.combinations(numbers, 2))
    for one, other in sorted(candidates):
        if in_common(sets[one], sets[other]) >= NEAR_DESCRIPTION:
            yield one, other


def in_common(one, other):
    """The share of the words of two sets that are in both."""
    return len(one & other) / len(one | other) if one or other else 1


def without_copy(summary, name, text):
    """The text without a first sentence that says the summary over again."""
    sentences = SENTENCE_END.split(text, maxsplit=1)
    ignored = {"a", "an", "the", "is", "it", "this", "package", "provides", *words(name)}
    if set(words(summary)) - ignored <= set(words(sentences[0])):
        return sentences[1] if len(sentences) > 1 else ""
    return text


def description(package, runs):
    """What is left of a package's long description to train on; None if that is too little."""
    said = (package.summary + " " + " ".join(package.paragraphs)).lower()
    if any(word in said for word in EMPTY) or len(words(package.summary)) < SUMMARY_WORDS:
        return None
    if runs.of_summary(package.summary) in runs.boilerplate:
        return None
    kept = " ".join(paragraph for paragraph in package.paragraphs if runs.own_words(paragraph))
    text = without_copy(package.summary, package.name, kept)
    return text if runs.own_words(text) >= OWN_WORDS else None


def chosen_pairs(packages):
    """A package and its description from each group of siblings, in an order as good as random.

    With each pair come those of all its siblings, its own first.
    """
    runs = Runs()
    groups = siblings(packages, runs)
    members = collections.defaultdict(list)
    for number, package in enumerate(packages):
        members[groups.of(number)].append(package)
    pairs = []
    for group in members.values():
        group.sort(key=lambda p: (p.section in COMPANIONS, p.name != p.source, len(p.name), p.name))
        described = [(package, description(package, runs)) for package in group]
        described = [(package, text) for package, text in described if text is not None]
        if described:
            pairs.append((*described[0], described))
    pairs.sort(key=lambda pair: hashlib.sha256(pair[0].name.encode()).digest())

    groups = Groups(len(pairs))
    for one, other in near_summaries([package.summary for package, *_ in pairs]):
        groups.join(one, other)
    for one, other in near_descriptions([text for _, text, _ in pairs]):
        groups.join(one, other)
    families = collections.defaultdict(list)
    for number, (_, _, described) in enumerate(pairs):
        families[groups.of(number)] += described
    return [(*pairs[number][:2], family) for number, family in families.items()]


def write_korean(output, pairs):
    """ko/, Korean summaries and descriptions, and ko-en/, Korean summaries and English ones.

    One package of each group again, and no summary or text twice.
    """
    rows, seen = [], set()
    for *_, family in pairs:
        for package, english in family:
            if package.korean and not seen & {*package.korean, english}:
                seen |= {*package.korean, english}
                rows.append((package.name, package.korean[0], package.korean[1], english))
                break
    count = len(rows) * KOREAN_TEST // 100
    for folder, column in ("ko", 2), ("ko-en", 3):
        write_test(
            output / folder / "dev", [(row[0], row[column]) for row in rows[:count]],
            [(row[0], row[1]) for row in rows[:count]])
        write(output / folder / "train.jsonl", (
            {"anchor": row[1], "positive": row[column]} for row in rows[count:]))
    return len(rows) - count, count


def write_test(folder, documents, queries):
    """A BEIR directory: names and texts of documents, and for some of the names a query."""
    write(folder / "corpus.jsonl", ({"_id": name, "text": text} for name, text in documents))
    write(folder / "queries.jsonl", ({"_id": "q-" + name, "text": text} for name, text in queries))
    write(folder / "qrels" / "test.tsv", [
        "query-id\tcorpus-id\tscore", *(f"q-{name}\t{name}\t1" for name, _ in queries)])


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            text = row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)
            file.write(text + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lists", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--train", type=int, required=True, help="training pairs")
    parser.add_argument("--documents", type=int, required=True, help="documents of the test")
    parser.add_argument("--queries", type=int, required=True, help="documents that get a query")
    arguments = parser.parse_args()
    if not 0 < arguments.queries <= arguments.documents or arguments.train < 1:
        parser.error("expected at least 1 pair, and between 1 query and one for each document")

    packages = read_packages(arguments.lists)
    pairs = chosen_pairs(packages)
    wanted = arguments.documents + arguments.train
    if len(pairs) < wanted:
        sys.exit(
            f"{arguments.lists}: {len(packages)} packages make {len(pairs)} pairs, fewer than the "
            f"{wanted} asked for; ask for less")
    test, train = pairs[:arguments.documents], pairs[arguments.documents:wanted]
    asked = [(package.name, package.summary) for package, *_ in test[:arguments.queries]]
    write_test(
        arguments.output / "dev", [(package.name, text) for package, text, _ in test], asked)
    write(arguments.output / "train.jsonl", (
        {"anchor": p.summary, "positive": text} for p, text, _ in train))
    family = [row for *_, described in train for row in described]
    write(arguments.output / "siblings.jsonl", (
        {"anchor": p.summary, "positive": text} for p, text in family))
    korean = write_korean(arguments.output, pairs)
    print(
        f"{len(packages)} packages, {len(pairs)} pairs without siblings; {len(train)} to train on, "
        f"{len(family)} with their siblings, "
        f"{len(test)} documents and {len(asked)} queries to test on; "
        f"in Korean {korean[0]} to train on and {korean[1]} to test on")


if __name__ == "__main__":
    main()
