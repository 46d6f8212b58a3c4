"""Makes unigram/: a small tokenizer of XLM-RoBERTa's shape from texts of our own, the ids that the
reference libraries give under the pipelines that transformers has written, and a sentencepiece model.

    HF_HUB_OFFLINE=1 python make_unigram.py

Needs sentencepiece and protobuf beside tokenizers and transformers, for the directories that hold
only a sentencepiece model.
"""

import collections
import itertools
import json
import math
import os
import random
import struct
import tempfile
import unicodedata

import tokenizers
import transformers
from tokenizers import Tokenizer, normalizers

import charsmap
from make_unicode import fnv1a
from make_wordpiece import TEXTS, UGLY, added

SEED = 13
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "unigram")

MORE = """오늘 아침에는 비가 왔고 오후에는 날씨가 좋아졌다. 강아지와 고양이가 공원에서 놀았다.
문장을 벡터로 바꾸면 비슷한 문장은 가까이 있고 다른 문장은 멀리 있다. 검색은 가까운 것을 찾는다.
학습률과 배치 크기와 온도는 학습을 시작하기 전에 정한다. 그는 책을 읽고 나는 글을 썼다.
질문: 이 모델은 무엇을 하는가? 답: 문장과 문서를 숫자의 줄로 바꾼다.""".splitlines()

XLMR_UGLY = [
    "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165 NFD", "가\u11a8 각 \u1100\u1161", "ᄒᆞᆫ글 ㅎㅏㄴ", "\uffa1\uffc2 ﾊﾛｰ ｶﾞ か\u3099", "ﬁ\u0301 ª\u0301 ²³½ ℡ ™ ㈜ ㎏",
    "▁", "▁▁", "a▁b", " ▁ a", "▁오늘", "<mask>", "a <mask> b", "a  <mask>  b", "<s>x</s>", "<pad><unk>", "< mask >", "＜mask＞", "오늘<mask>은",
    "오늘" * 5000, "x" * 10000, "가나다라마바사" * 1430, "ab " * 200, "!" * 101, "ㅋ" * 300,
    "trailing  ", "  leading", "two  spaces   three", "a\u3000b\u00a0c\u2003d", "\r\n\r\n", "a\r\nb", "\u0085", "a\u0085b", "\x1c\x1d", "zero\u200bwidth", "\u200b", "a\u0301\u0301 e\u0300",
]
UNSEEN = ["\U00012345\U00012346", "x\U00012345y", "\u0378\u0379 \u0378a", "ꙮ", "오ꙮ늘", "\U0001f9ff\U0001f9ff"]
SOME_TEXTS = XLMR_UGLY + UNSEEN
ALL_TEXTS = SOME_TEXTS + UGLY


def character_map():
    """NFKC of what our texts can hold, controls away, white space to spaces: as sentencepiece's
    nmt_nfkc, but small."""
    mapping = {}
    blocks = [range(0xA0, 0x180), range(0x2000, 0x2070), range(0x2070, 0x20A0), range(0x2100, 0x2190),
              range(0x2460, 0x2480), range(0x3000, 0x3001), range(0x3200, 0x3220), range(0x3380, 0x33A0),
              range(0xFB00, 0xFB07), range(0xFF01, 0xFFEF), range(0xF900, 0xF910), range(0x1F100, 0x1F130)]
    for c in itertools.chain(*blocks):
        normal = unicodedata.normalize("NFKC", chr(c))
        if normal != chr(c):
            mapping[chr(c)] = normal
    for base, mark in itertools.product("aeiouAEIOUcnsy", "\u0300\u0301\u0302\u0303\u0308\u030c\u0327"):
        normal = unicodedata.normalize("NFKC", base + mark)
        if len(normal) == 1:
            mapping[base + mark] = normal
    for lead, vowel in itertools.product(range(0x1100, 0x1113), range(0x1161, 0x1176)):
        mapping[chr(lead) + chr(vowel)] = unicodedata.normalize("NFKC", chr(lead) + chr(vowel))
        for tail in range(0x11A8, 0x11C3, 9):
            text = chr(lead) + chr(vowel) + chr(tail)
            mapping[text] = unicodedata.normalize("NFKC", text)
    for c in [*range(1, 9), 0xB, *range(0xE, 0x20), 0x7F, 0x200B, 0x200E, 0x200F, 0xFEFF]:
        mapping[chr(c)] = ""
    for c in [9, 0xA, 0xC, 0xD, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]:
        mapping[chr(c)] = " "
    mapping["が"] = "が"
    mapping["か\u3099"] = "が"
    return mapping


def make_vocabulary():
    """Pieces of the texts with the logarithm of their share, in steps of 1/1024, which JSON and
    sentencepiece's floats hold alike."""
    score = lambda count: round(1024 * math.log(count / total)) / 1024
    normalize = lambda text: unicodedata.normalize("NFKC", text)
    counts = collections.Counter()
    for text in TEXTS + MORE:
        for word in normalize(text).split():
            word = "▁" + word
            counts["▁"] += 1
            for length in range(1, 7):
                for start in range(len(word) - length + 1):
                    piece = word[start:start + length]
                    if "▁" not in piece[1:]:
                        counts[piece] += 1
    total = sum(counts.values())
    pieces = sorted((p for p, n in counts.items() if len(p) == 1 or n > 3),
                    key=lambda p: (-counts[p], p))
    extra = {"오늘": 40, "▁오늘": 30, "ㅋㅋ": 9, "ㅋㅋㅋㅋ": 7, "!!": 5, "xx": 3, "xxxx": 2, "▁the": 25, "강아지": 9}
    scored = {p: score(counts[p]) for p in pieces}
    scored.update({p: score(n) for p, n in extra.items()})
    return [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0],
            *map(list, scored.items()), ["<mask>", 0.0]]


TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
               {"SpecialToken": {"id": "</s>", "type_id": 0}}],
    "pair": [],
    "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
                       "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}}
V5_WORDS = {"type": "Sequence", "pretokenizers": [
    {"type": "WhitespaceSplit"},
    {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}]}


def make_base(vocabulary, precompiled):
    names = [(0, "<s>"), (1, "<pad>"), (2, "</s>"), (3, "<unk>"), (len(vocabulary) - 1, "<mask>")]
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": i, "content": content, "single_word": False,
                          "lstrip": content == "<mask>", "rstrip": False, "normalized": False,
                          "special": True} for i, content in names],
        "normalizer": precompiled, "pre_tokenizer": V5_WORDS, "post_processor": TEMPLATE,
        "decoder": None,
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": False}}


def metaspace(**options):
    return {"type": "Metaspace", "replacement": "▁", **options}


def replace(pattern, content):
    return {"type": "Replace", "pattern": pattern, "content": content}


def cases(base):
    precompiled = base["normalizer"]
    chain = lambda *steps: {"type": "Sequence", "normalizers": list(steps)}
    runs = {"Regex": " {2,}"}
    strip = lambda left, right: {"type": "Strip", "strip_left": left, "strip_right": right}
    ties = [["<unk>", 0.0], ["a", -1.0], ["aa", -2.0], ["aaa", -3.0], ["b", -1.5], ["ab", -2.5],
            ["ba", -2.5], ["▁", -1.0], ["▁a", -2.0], ["xy", -40.0], ["abab", -5.0]]
    tiny = lambda tokens, unknown=0: {
        "model": {"vocab": tokens, "unk_id": unknown}, "post_processor": None,
        "replace_added_tokens": [], "normalizer": None}
    yield "transformers 5", {}, {}
    yield "transformers 4.0", {
        "normalizer": precompiled,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"}, metaspace(str_rep="▁", add_prefix_space=True)]}}, {}
    yield "transformers 4.15", {
        "normalizer": chain(precompiled, replace(runs, " ")),
        "pre_tokenizer": metaspace(add_prefix_space=True)}, {}
    yield "transformers 4.37", {
        "normalizer": chain(precompiled, strip(False, True), replace(runs, "▁")),
        "pre_tokenizer": metaspace(add_prefix_space=True, prepend_scheme="always")}, {}
    yield "transformers 4.40", {
        "normalizer": chain(precompiled, strip(False, True), replace(runs, "▁")),
        "pre_tokenizer": metaspace(prepend_scheme="always", split=True)}, {}
    yield "RobertaProcessing", {"post_processor": {
        "type": "RobertaProcessing", "cls": ["<s>", 0], "sep": ["</s>", 2], "trim_offsets": True,
        "add_prefix_space": True}}, {}
    yield "no character map", {"normalizer": None}, {}
    yield "nothing", {"normalizer": None, "pre_tokenizer": None}, {}
    yield "strip both", {"normalizer": strip(True, True), "pre_tokenizer": metaspace()}, {}
    yield "strip left", {"normalizer": strip(True, False), "pre_tokenizer": metaspace()}, {}
    yield "strip none", {"normalizer": strip(False, False), "pre_tokenizer": metaspace()}, {}
    yield "replace a text", {"normalizer": replace({"String": "오늘"}, "내일")}, {}
    yield "replace a text by nothing", {"normalizer": replace({"String": "aa"}, "")}, {}
    yield "replace a plain expression", {"normalizer": replace({"Regex": "the"}, "a")}, {}
    yield "replace runs", {"normalizer": replace({"Regex": "가+"}, "각")}, {}
    yield "replace runs of three", {"normalizer": replace({"Regex": "x{3,}"}, "yy")}, {}
    yield "metaspace, no split", {"pre_tokenizer": metaspace(split=False)}, {}
    yield "metaspace, never", {"pre_tokenizer": metaspace(prepend_scheme="never", split=True)}, {}
    yield "metaspace, never, as once written", {
        "pre_tokenizer": metaspace(add_prefix_space=False, prepend_scheme="never")}, {}
    yield "metaspace, another", {"pre_tokenizer": {**metaspace(), "replacement": "_"}}, {}
    yield "white space only", {"pre_tokenizer": {"type": "WhitespaceSplit"}}, {}
    yield "no type", {"remove": ["type"]}, {}
    yield "no byte_fallback", {"remove": ["byte_fallback"]}, {}
    yield "another unknown", {"model": {"unk_id": 5}}, {}
    yield "lower case asked for", {}, {"lowercase": True}
    yield "at most 12", {}, {"max_length": 12}
    yield "ties", tiny(ties), {"texts": ["a" * n for n in range(1, 12)] + ["abab", "baba", "ababab", "aabbaabb"]}
    yield "unknown together", tiny(ties), {"texts": ["x", "xy", "yx", "xyxy", "xya", "axyb", "cc", "a ccc d"]}
    yield "positive scores", tiny([["<unk>", 0.0], ["a", 1.0], ["aa", 3.0], ["ab", 0.5], ["▁", 2.0]]), {
        "texts": ["a", "aa", "aaa", "aaab", "b", "bb a"]}
    # Two unknown characters are better than the token that they are.
    yield "unknown together, but known", tiny([["<unk>", 30.0], ["xy", 30.0], ["a", 31.0], ["▁", 30.0]]), {
        "texts": ["xy", "x y", "axya", "xyx", "xyxy"]}
    combinations = list(itertools.product([False, True], repeat=4))
    vocabulary = {token: i for i, (token, _) in enumerate(base["model"]["vocab"])}
    for name, form in (("marked", "<T{}>"), ("words", "오늘{}")):
        tokens = added(vocabulary, [(form.format(i), c) for i, c in enumerate(combinations)])
        yield f"added tokens, {name}", {"added_tokens": tokens}, {}
        yield f"added tokens, {name}, 4.37", {
            "added_tokens": tokens,
            "normalizer": chain(precompiled, strip(False, True), replace(runs, "▁")),
            "pre_tokenizer": metaspace(add_prefix_space=True, prepend_scheme="always")}, {}


def patched(base, patch):
    file = json.loads(json.dumps(base))
    for key, value in patch.items():
        if key == "model":
            file["model"].update(value)
        elif key == "remove":
            for name in value:
                del file["model"][name]
        elif key == "added_tokens":
            file[key] = file[key] + value
        elif key == "replace_added_tokens":
            file["added_tokens"] = value
        else:
            file[key] = value
    return file


def texts_for(name, patch, options, generator):
    if "texts" in options:
        return options.pop("texts")
    tokens = [token["content"] for token in patch.get("added_tokens", [])] + ["<mask>", "</s>"]
    if len(tokens) == 2:
        return ALL_TEXTS if name.startswith("transformers") else SOME_TEXTS
    glue = ["", " ", "  ", "\u3000", "\t", "a", "é", "_", "-", "1", "\u0301", "가", ".", "\u200d", "▁", "오늘 ", "\u200b"]
    texts = []
    for _ in range(50):
        text = ""
        for _ in range(generator.randint(1, 6)):
            token = generator.choice(tokens)
            text += generator.choice([token, token, token, token[:-1]])
            text += "".join(generator.choice(glue) for _ in range(generator.randint(0, 2)))
        texts.append("".join(generator.choice(glue) for _ in range(generator.randint(0, 2))) + text)
    return texts


def ids(file, texts, options):
    tokenizer = Tokenizer.from_str(json.dumps(file))
    if options.get("lowercase"):
        steps = [normalizers.Lowercase()]
        if tokenizer.normalizer is not None:
            steps.append(tokenizer.normalizer)
        tokenizer.normalizer = normalizers.Sequence(steps)
    if "max_length" in options:
        tokenizer.enable_truncation(options["max_length"])
    return [tokenizer.encode(text).ids for text in texts]


# A sentencepiece model, by hand.

def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def message(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def piece(text, score, kind):
    content = message(1, text.encode()) + varint(2 << 3 | 5) + struct.pack("<f", score)
    return message(1, content + (varint(3 << 3) + varint(kind) if kind != 1 else b""))


def sentencepiece(vocabulary, precompiled):
    pieces = [piece("<unk>", 0, 2), piece("<s>", 0, 3), piece("</s>", 0, 3)]
    pieces += [piece(token, score, 1) for token, score in vocabulary[4:-1]]
    trainer = varint(3 << 3) + varint(1) + varint(4 << 3) + varint(len(pieces))
    normalizer = message(1, b"nmt_nfkc") + message(2, precompiled) + varint(3 << 3) + varint(1)
    return b"".join(pieces) + message(2, trainer) + message(3, normalizer)


def directories(base):
    """Files of a model directory: tokenizer.json as a patch, or None for the sentencepiece model."""
    v4 = dict((name, patch) for name, patch, _ in cases(base))["transformers 4.37"]
    xlmr = {"tokenizer_class": "XLMRobertaTokenizer"}
    mask = {"content": "<mask>", "lstrip": True, "normalized": False, "rstrip": False, "single_word": False}
    yield {}, {"tokenizer_config.json": xlmr}
    yield v4, {"tokenizer_config.json": xlmr}
    yield v4, {"tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizerFast"}}
    yield v4, {"tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"}}
    yield v4, {}
    yield {}, {"tokenizer_config.json": {**xlmr, "add_prefix_space": False}}
    yield {"normalizer": None}, {"tokenizer_config.json": xlmr}
    yield None, {}
    yield None, {"tokenizer_config.json": xlmr}
    yield None, {"tokenizer_config.json": {**xlmr, "mask_token": {"__type": "AddedToken", **mask}}}
    yield None, {"tokenizer_config.json": xlmr, "special_tokens_map.json": {"mask_token": mask}}


def from_directory(file, model, others, texts):
    with tempfile.TemporaryDirectory() as folder:
        write = lambda name, value: json.dump(value, open(os.path.join(folder, name), "w"))
        write("config.json", {"model_type": "xlm-roberta"})
        if file is None:
            with open(os.path.join(folder, "sentencepiece.bpe.model"), "wb") as out:
                out.write(model)
        else:
            write("tokenizer.json", file)
        for name, value in others.items():
            write(name, value)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        return [tokenizer(text)["input_ids"] for text in texts]


def main():
    generator = random.Random(SEED)
    vocabulary = make_vocabulary()
    map_bytes = charsmap.build(character_map())
    precompiled = {"type": "Precompiled", "precompiled_charsmap": charsmap.base64_of(map_bytes)}
    base = make_base(vocabulary, precompiled)
    model = sentencepiece(vocabulary, map_bytes)
    os.makedirs(HERE, exist_ok=True)
    with open(os.path.join(HERE, "tokenizer.json"), "w") as out:
        json.dump(base, out, ensure_ascii=False, separators=(",", ":"))
    with open(os.path.join(HERE, "sentencepiece.bpe.model"), "wb") as out:
        out.write(model)
    golden = {"made_by": "make_unigram.py", "seed": SEED, "tokenizers": tokenizers.__version__,
              "transformers": transformers.__version__, "texts": [folded(text) for text in ALL_TEXTS], "cases": [],
              "directories": []}
    for name, patch, options in cases(base):
        texts = texts_for(name, patch, options, generator)
        case = {"name": name, "patch": patch, **options}
        found = ids(patched(base, patch), texts, options)
        if texts not in (SOME_TEXTS, ALL_TEXTS):
            case["texts"] = texts
        elif patch or options:  # null: as without the patch
            plain = golden["cases"][0]["ids"]
            found = [a if a != b else None for a, b in zip(found, plain)]
        case["ids"] = [short(row) for row in found]
        golden["cases"].append(case)
    texts = ["오늘  날씨 ", " the ▁ dog", "a <mask> b", "＜mask＞ Cafe\u0301", "a  ▁b", "x\u0085y </s>오늘", "ꙮ"]
    for patch, others in directories(base):
        file = None if patch is None else patched(base, patch)
        golden["directories"].append({
            "patch": patch, "files": others, "texts": texts,
            "ids": [short(row) for row in from_directory(file, model, others, texts)]})
    text = json.dumps(golden, ensure_ascii=False, separators=(",", ":"))
    # The map is in tokenizer.json already.
    long = json.dumps(precompiled, separators=(",", ":"))
    with open(os.path.join(HERE, "golden.json"), "w") as out:
        out.write(text.replace(long, '"precompiled"'))


def folded(text):
    """The text; a long one that repeats itself as what repeats, and how often."""
    for length in range(1, 8):
        if len(text) > 90 and text == text[:length] * (len(text) // length):
            return [text[:length], len(text) // length]
    return text


def short(row):
    """The ids; of many their number and hash: FNV-1a over their 32-bit little-endian bytes."""
    if row is None or len(row) <= 40:
        return row
    return f"{len(row)} {fnv1a(struct.pack(f'<{len(row)}i', *row)):x}"


if __name__ == "__main__":
    main()
