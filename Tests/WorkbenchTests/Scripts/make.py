#!/usr/bin/env python3
"""Writes widths.txt: words of 40 scripts and what wcwidth (PyPI 0.7.0, Unicode 17) says of them.

    pip install wcwidth==0.7.0; python3 make.py

A line is: script, text, cells of the whole, cells of each grapheme (as Python's grapheme breaking
of wcwidth has them), cells if every character stood alone, separated by tabs.
"""
import os
import unicodedata

import wcwidth

assert wcwidth.__version__ == "0.7.0", wcwidth.__version__

# Words and sentences written for this test.
TEXTS = [
    ("Latin", "Der Schritt ist falsch, naïve Zoë: e\u0301 o\u0308"),
    ("Vietnamese", "bước này sai: tiê\u0301ng Viê\u0323t"),
    ("Greek", "το βήμα είναι λάθος, ὦ"),
    ("Cyrillic", "шаг неверен, и\u0306"),
    ("Armenian", "քայլը սխալ է"),
    ("Georgian", "ნაბიჯი მცდარია"),
    ("Hebrew", "הצעד שגוי שָׁלוֹם"),
    ("Arabic", "الخطوة خاطئة مُحَمَّد"),
    ("Persian", "می\u200cخواهم گام بعدی"),
    ("Urdu", "یہ قدم غلط ہے"),
    ("Syriac", "ܫܠܡܐ ܥܠܡܐ"),
    ("Thaana", "ދިވެހި ބަސް"),
    ("N'Ko", "ߒߞߏ ߞߊ߲ߜߍ"),
    ("Devanagari", "यह चरण ग़लत है, क्षी क्ष्म की"),
    ("Marathi", "पायरी चुकीची आहे, ज्ञान"),
    ("Nepali", "यो कदम गलत छ, र्\u200dय"),
    ("Bengali", "এই ধাপটি ভুল, কো ক্ষ"),
    ("Gurmukhi", "ਇਹ ਕਦਮ ਗਲਤ ਹੈ, ਕੀ"),
    ("Gujarati", "આ પગલું ખોટું છે, ક્ષ"),
    ("Odia", "ଏହି ପଦକ୍ଷେପ ଭୁଲ, କୋ"),
    ("Tamil", "இந்தப் படி தவறு, கொ க்ஷ ஸ்ரீ"),
    ("Telugu", "ఈ అడుగు తప్పు, క్షౌ"),
    ("Kannada", "ಈ ಹೆಜ್ಜೆ ತಪ್ಪು, ಕೋ"),
    ("Malayalam", "ഈ ഘട്ടം തെറ്റാണ്, കൊ ക്ഷ"),
    ("Sinhala", "මේ පියවර වැරදියි, ශ්\u200dරී"),
    ("Thai", "ขั้นนี้ผิด กำลัง น้ำ"),
    ("Lao", "ຂັ້ນຕອນນີ້ຜິດ ກຳ ນ້ຳ"),
    ("Burmese", "ဒီအဆင့် မှားတယ် ကြော"),
    ("Khmer", "ជំហាននេះខុស ក្សត្រ កោ"),
    ("Tibetan", "གོམ་པ་འདི་ནོར་འདུག རྐྱེན"),
    ("Mongolian", "ᠠᠯᠬᠤᠮ ᠪᠤᠷᠤᠭᠤ"),
    ("Ethiopic", "ይህ እርምጃ ስህተት ነው"),
    ("Cherokee", "ᎤᏲ ᎠᎳᏏᏅᏍᏗ"),
    ("Canadian", "ᐊᓪᓗᕆᐊᖅ ᐊᔪᖅᑐᖅ"),
    ("Tifinagh", "ⴰⵙⵓⵔⵉⴼ ⵓⵔ ⵉⵖⵉ"),
    ("Han", "这一步是错的，第三步。"),
    ("Japanese", "この手順は間違い、か\u3099ん"),
    ("half-width kana", "ｶﾞｷﾞﾊﾟﾝ ﾃｽﾄ｡"),
    ("Hangul", "이 단계는 틀렸다"),
    ("Hangul jamo", "\u1112\u1161\u11ab\u1100\u1173\u11af \u1100\u1161"),
    ("Yi", "ꆈꌠꁱꂷ"),
    ("Javanese", "ꦭꦁꦏꦃ ꦱꦭꦃ ꦏꦴ ꦏ꧀ꦱ"),
    ("Balinese", "ᬮᬗ᭄ᬓᬄ ᬓᬵ"),
    ("Sundanese", "ᮜᮀᮊᮂ ᮞᮜᮂ ᮊᮥ"),
    ("Cham", "ꨀꨇꩉ ꨌꩌ"),
    ("Chakma", "𑄇𑄳𑄉 𑄌𑄋𑄴𑄟𑄳𑄦"),
    ("Ol Chiki", "ᱥᱟᱱᱛᱟᱲᱤ"),
    ("Meetei", "ꯃꯤꯇꯩ ꯂꯣꯟ"),
    ("Gothic", "𐌲𐌿𐍄𐌹𐍃𐌺"),
    ("Cuneiform", "𒀭𒂗𒆤"),
    ("Egyptian", "𓂀𓃀𓆓"),
    ("mathematics", "∀x∈ℝ: x²≥0 ∧ 𝑎⃗ ⇒ ‖𝑎‖"),
    ("emoji", "😀 ⚡ ❤\ufe0f ☺\ufe0e 1\ufe0f\u20e3 #\ufe0f\u20e3 ☠\ufe0f"),
    ("emoji of Unicode 15 to 17", "\U0001FAE8 \U0001FAE9 \U0001FAEA \U0001FAC8 \U0001F6D8"),
    ("emoji with skin", "👍🏽 👩🏾 🫱🏻"),
    ("joined emoji", "👩‍👩‍👧‍👦 👩🏽‍🚀 🏳️‍🌈 ❤️‍🔥 🧑🏻‍🤝‍🧑🏿 🐻‍❄️"),
    ("flags", "🇩🇪🇯🇵 🇺🇳"),
    ("flags of regions", "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F"),
    ("hexagrams", "䷀䷿ ☰☷"),
    ("box and block", "│─┌▌█⣿◆▶…±"),
]

folder = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(folder, "widths.txt"), "w", encoding="utf-8") as out:
    for script, text in TEXTS:
        for character in text:
            assert unicodedata.category(character) not in ("Cc", "Co"), (script, hex(ord(character)))
        graphemes = list(wcwidth.iter_graphemes(text))
        each = " ".join(str(wcwidth.wcswidth(grapheme)) for grapheme in graphemes)
        # A spacing mark counts nothing alone in wcwidth, and one where it follows a letter; the
        # selector of the emoji form widens what stands before it.
        alone = sum(
            1 if unicodedata.category(character) == "Mc" else max(0, wcwidth.wcwidth(character))
            for character in text
        )
        for before, character in zip(text, text[1:]):
            if character == "\ufe0f":
                alone += wcwidth.wcswidth(before + character) - wcwidth.wcwidth(before)
        out.write(f"{script}\t{text}\t{wcwidth.wcswidth(text)}\t{each}\t{alone}\n")
print(len(TEXTS), "texts")
