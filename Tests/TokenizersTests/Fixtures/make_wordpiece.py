"""Makes wordpiece/: a small tokenizer of BERT's shape, made from the texts below, and the ids that
the reference libraries give for ugly texts under it and under many variants of it.

    HF_HUB_OFFLINE=1 python make_wordpiece.py
"""

import collections
import itertools
import json
import os
import random
import tempfile

import tokenizers
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

SEED = 7
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wordpiece")

TEXTS = """The quick brown fox jumps over the lazy dog, and the dog does not mind at all.
A train left the station at 07:45; it was late by twelve minutes, which nobody noticed.
She asked: "Is there any tea left?" There was none, so we drank water (cold water) instead.
Embeddings of similar sentences lie close together; those of different sentences lie far apart.
Learning rates, batch sizes and temperatures are chosen before the training starts.
Das Mädchen aß Brötchen mit Käse, während draußen der Schnee auf die Straße fiel.
Où est la bibliothèque? Le garçon a déjà mangé à l'hôtel près du théâtre.
El niño pequeño soñó con un pingüino en la mañana de España.
Hôm nay trời đẹp, chúng tôi đi bộ dọc theo bờ sông và uống cà phê.
İstanbul'da güneşli bir gün; ışık ve gölge denizin üstünde oynuyor.
Сегодня хорошая погода, и мы пошли гулять в парк. Ёлка стоит у окна, а йод в аптечке.
Η θάλασσα είναι ήρεμη σήμερα και ο ουρανός γαλάζιος.
오늘은 날씨가 좋아서 공원에 산책하러 갔다. 강아지가 기뻐했다.
今日は天気がいいので、公園を散歩しました。桜がきれいでした。
今天天气很好，我们去公园散步了。漢字と汉字は違います。
आज मौसम अच्छा है और हम बगीचे में टहल रहे हैं।
วันนี้อากาศดี เราไปเดินเล่นที่สวนสาธารณะ
اليوم الطقس جميل وذهبنا إلى الحديقة.
היום מזג האוויר נעים והלכנו לפארק.
1, 2, 3 and 10; 3.14159 or 2.71828; 50% of $20 is €10; a+b=c, x^2 < y_3, #tag @home ~ok `code`.
""".splitlines()

UGLY = [
    "", " ", "   ", "\t\n\r", "\x00", "a\x00b", "a\x01\x7f\x80b", "tabs\tand\nlines\r\nhere", "a\x0bb\x0cc",
    "\ufeffstart", "mid\ufeffdle", "soft\u00adhyphen", "zero\u200bwidth\u200djoin\u200cer", "\u2028line\u2029para",
    "nb\u00a0sp\u3000wide\u202fnarrow\u205f\u1680", "\u0085next", "\ufffdreplaced\ufffd", "\ue000private\U000f0000",
    "caf\u00e9 cafe\u0301 CAFÉ", "M\u00e4dchen Ma\u0308dchen MÄDCHEN", "\u1ebf e\u0302\u0301 e\u0301\u0302", "\u0130stanbul \u0131\u015f\u0131k",
    "Straße STRASSE ẞ", "ΟΔΥΣΣΕΥΣ σς", "Ёлка ёлка Е\u0308лка йод", "한국어 \u1112\u1161\u11ab\u1100\u116e\u11a8 강아지", "ㄱㄴㄷ ᄀ",
    "漢字と汉字", "\uf900\uf901 \u2f00", "\U00020000\U0002a6e0\U0002b820\U0002f800", "桜がきれい", "ｆｕｌｌ　ｗｉｄｔｈ ＡＢＣ！", "ﬁnd ﬂow",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 family", "\U0001f1f0\U0001f1f7 \u2764\ufe0f \U0001f44d\U0001f3fd", "1\ufe0f\u20e3",
    "\u0378\u0e80\U0001fbff unassigned \U000e0fff\U0010ffff", "\ud7a4 \u2fe0", "आज मौसम\u094d", "\u0e27\u0e31\u0e19", "\u05d4\u05bc\u05d9", "\u0627\u064e\u0644",
    "a\u0334\u0301b", "a\u302e\u1b44\u0301z", "\u302e\u1b44", "\U0001d15e\U0001d160 \U0001d165\U0001d16d\U0001d16e", "\U0001e000\U0001e944\U00011442x",
    "\u0344\u0f73\u0f81", "\u0c48 \u0cc0\u0ccb", "a" * 99, "a" * 100, "a" * 101, "é" * 100, "é" * 101, "강" * 51, "x" * 2000, "the" * 40,
    "!!!???...", "a.b,c;d", "don't can't", "x^2 < y_3 ~ `q` $5 + |a|", "…—–“”‘’«»¿¡·", "、。「」！？", "\u2e3a\u2e52\U00011a9a\U0001e95e", "a\u00b4b a\u00a8b ^ ` ¨",
    "[CLS] [SEP]", "[MASK]", "the [MASK] dog", "[mask] [Mask]", "[[CLS]]", "[CLS", "x[SEP]y", "[UNK][PAD]", "[MASK ]", "UNK",
    "пошли погода", "The quick brown fox", "THE QUICK BROWN FOX", "embeddings learning temperatures", "unseenwordsareunknown ζήτα",
    "## ##the the##", "\u0301leading mark", "end \u0301", "e\u0301\u0301\u0301", "\u200d", "\u0300\u0301\u0302",
]

SECTIONS = ("added_tokens", "normalizer", "pre_tokenizer", "post_processor")


def make_vocabulary():
    """Characters, frequent beginnings and ends of words, and some words.

    The library's trainer would do as well, but it breaks ties by chance.
    """
    normalize = normalizers.BertNormalizer().normalize_str
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    counts = collections.Counter()
    for text in TEXTS:
        for word, _ in split(normalize(text)):
            counts.update({word: 0} if len(word) > 1 else {})
            for length in range(1, len(word) + 1):
                counts[word[:length]] += 1
            for start in range(1, len(word)):
                counts["##" + word[start:]] += 1
                counts["##" + word[start]] += 1
    pieces = {p for p, n in counts.items() if len(p.removeprefix("##")) == 1 or n > 3}
    pieces |= set("the fox quick brown embeddings learning temperatures".split())
    pieces |= {"The", "##Fox", "Café", "café", "Mädchen", "##é", "İ", "漢字", "한국어", "##ß", "A", "##A"}
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + sorted(pieces)


def make_base():
    tokens = make_vocabulary()
    tokenizer = Tokenizer(models.WordPiece({t: i for i, t in enumerate(tokens)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(tokens[:5])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return json.loads(tokenizer.to_str())


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
        else:
            file[key] = value
    return file


def bert(**options):
    base = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
            "strip_accents": None, "lowercase": True}
    return {"normalizer": {**base, **options}}


def added(vocabulary, contents):
    tokens = []
    next_id = len(vocabulary)
    for content, (normalized, single_word, lstrip, rstrip) in contents:
        tokens.append({"id": vocabulary.get(content, next_id), "content": content,
                       "single_word": single_word, "lstrip": lstrip, "rstrip": rstrip,
                       "normalized": normalized, "special": len(tokens) % 3 == 0})
        next_id += content not in vocabulary
    return tokens


def cases(base):
    vocabulary = base["model"]["vocab"]
    combinations = list(itertools.product([False, True], repeat=4))
    plain = added(vocabulary, [(f"<T{i}>", c) for i, c in enumerate(combinations)])
    words = added(vocabulary, [(f"Tok{chr(65 + i)}", c) for i, c in enumerate(combinations)])
    odd = added(vocabulary, [
        ("ab", (False, False, False, False)), ("abc", (False, True, False, False)),
        ("abcd", (False, False, False, False)), ("  ", (False, False, True, True)),
        (" x", (False, False, False, True)), ("Café", (True, False, False, False)),
        ("naïve One", (True, True, True, True)), ("漢", (True, False, False, False)),
        ("字", (False, False, True, True)), ("é", (False, False, False, False)),
        ("[SEP]x", (False, False, False, False)), ("\u0378", (False, True, False, False))])
    yield "uncased", {}, {}
    yield "cased", bert(lowercase=False), {}
    yield "cased, accents off", bert(lowercase=False, strip_accents=True), {}
    yield "cased, accents on", bert(lowercase=False, strip_accents=False), {}
    yield "uncased, accents on", bert(strip_accents=False), {}
    yield "ideographs in words", bert(handle_chinese_chars=False), {}
    yield "not cleaned", bert(clean_text=False), {}
    yield "nothing normalized", bert(clean_text=False, handle_chinese_chars=False, lowercase=False), {}
    yield "lower case only", {"normalizer": {"type": "Lowercase"}}, {}
    yield "sequence", {"normalizer": {"type": "Sequence", "normalizers": [
        {"type": "Lowercase"}, bert(lowercase=False)["normalizer"]]}}, {}
    yield "empty sequence", {"normalizer": {"type": "Sequence", "normalizers": []}}, {}
    yield "no normalizer", {"normalizer": None}, {}
    yield "no words", {"pre_tokenizer": None}, {}
    yield "short words", {"model": {"max_input_chars_per_word": 5}}, {}
    yield "no prefix", {"model": {"continuing_subword_prefix": ""}}, {}
    yield "unused prefix", {"model": {"continuing_subword_prefix": "@@"}}, {}
    yield "another unknown", {"model": {"unk_token": "[MASK]"}}, {}
    yield "no type", {"remove": ["type"]}, {}
    yield "no special tokens", {"post_processor": None}, {}
    yield "BertProcessing", {"post_processor": {
        "type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}}, {}
    yield "two tokens in front", {"post_processor": {
        "type": "TemplateProcessing", "pair": [],
        "single": [{"SpecialToken": {"id": "two", "type_id": 0}},
                   {"Sequence": {"id": "A", "type_id": 0}}],
        "special_tokens": {"two": {"id": "two", "ids": [2, 4], "tokens": ["[CLS]", "[MASK]"]}}}}, {}
    yield "lower case asked for", bert(lowercase=False), {"lowercase": True}
    yield "lower case asked for, none", {"normalizer": None}, {"lowercase": True}
    for length in (2, 3, 7, 30):
        yield f"at most {length}", {}, {"max_length": length}
    for name, tokens in (("marked", plain), ("words", words), ("odd", odd)):
        yield f"added tokens, {name}", {"added_tokens": tokens}, {}
        yield f"added tokens, {name}, cased", {"added_tokens": tokens, **bert(lowercase=False)}, {}
        yield f"added tokens, {name}, no normalizer", {"added_tokens": tokens, "normalizer": None}, {}
        yield (f"added tokens, {name}, lower case asked for",
               {"added_tokens": tokens, **bert(lowercase=False)}, {"lowercase": True})


def texts_for(patch, generator):
    texts = list(UGLY)
    tokens = [token["content"] for token in patch.get("added_tokens", [])]
    if not tokens:
        return texts
    glue = ["", " ", "  ", "\u3000", "\t", "a", "é", "_", "-", "1", "\u0301", "漢", ".", "\u200d", "the ", "\u0378"]
    texts = []
    for _ in range(100):
        text = ""
        for _ in range(generator.randint(1, 6)):
            token = generator.choice(tokens)
            token = generator.choice([token, token, token, token.lower(), token.upper(), token[:-1]])
            text += token + "".join(generator.choice(glue) for _ in range(generator.randint(0, 2)))
        texts.append("".join(generator.choice(glue) for _ in range(generator.randint(0, 2))) + text)
    return texts


def ids(file, texts, options):
    tokenizer = Tokenizer.from_str(json.dumps(file))
    if options.get("lowercase"):
        # As sentence_transformers.base.modules.Transformer does for do_lower_case.
        steps = [normalizers.Lowercase()]
        if tokenizer.normalizer is not None:
            steps.append(tokenizer.normalizer)
        tokenizer.normalizer = normalizers.Sequence(steps)
    if "max_length" in options:
        tokenizer.enable_truncation(options["max_length"])
    return [tokenizer.encode(text).ids for text in texts]


def directory_cases():
    """tokenizer_config.json (None for no such file) against the options in tokenizer.json."""
    yield None, bert()
    yield None, bert(lowercase=False)
    yield {}, bert(lowercase=False)
    yield {"tokenizer_class": "BertTokenizer"}, bert(lowercase=False)
    yield {"tokenizer_class": "BertTokenizer", "do_lower_case": False}, bert()
    yield {"tokenizer_class": "BertTokenizerFast", "do_lower_case": False, "strip_accents": True}, bert()
    yield {"tokenizer_class": "BertTokenizer", "tokenize_chinese_chars": False}, bert()
    yield {"tokenizer_class": "BertTokenizer", "strip_accents": False}, bert(strip_accents=True)
    yield {"tokenizer_class": "PreTrainedTokenizerFast", "do_lower_case": True}, bert(lowercase=False)
    yield {"tokenizer_class": "PreTrainedTokenizerFast"}, bert()


def from_directory(file, config, texts):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "config.json"), "w") as out:
            json.dump({"model_type": "bert"}, out)
        with open(os.path.join(folder, "tokenizer.json"), "w") as out:
            json.dump(file, out)
        if config is not None:
            with open(os.path.join(folder, "tokenizer_config.json"), "w") as out:
                json.dump(config, out)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        return [tokenizer(text)["input_ids"] for text in texts]


def main():
    generator = random.Random(SEED)
    base = make_base()
    os.makedirs(HERE, exist_ok=True)
    with open(os.path.join(HERE, "tokenizer.json"), "w") as out:
        json.dump(base, out, ensure_ascii=False, separators=(",", ":"))
    golden = {"made_by": "make_wordpiece.py", "seed": SEED, "tokenizers": tokenizers.__version__,
              "transformers": transformers.__version__, "texts": UGLY, "cases": [], "directories": []}
    for name, patch, options in cases(base):
        texts = texts_for(patch, generator)
        case = {"name": name, "patch": patch, **options}
        case["ids"] = ids(patched(base, patch), texts, options)
        if texts != UGLY:
            case["texts"] = texts
        elif patch or options:  # null: as without the patch
            plain = golden["cases"][0]["ids"]
            case["ids"] = [a if a != b else None for a, b in zip(case["ids"], plain)]
        golden["cases"].append(case)
    texts = ["THE Café 漢字 today", "Mädchen\x01 A", "İstanbul 今 한국어"]
    for config, patch in directory_cases():
        golden["directories"].append({
            "tokenizer_config": config, "patch": patch, "texts": texts,
            "ids": from_directory(patched(base, patch), config, texts)})
    with open(os.path.join(HERE, "golden.json"), "w") as out:
        json.dump(golden, out, ensure_ascii=True, separators=(",", ":"))


if __name__ == "__main__":
    main()
