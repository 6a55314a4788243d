"""Greek places, streets, people and notes for EstatePrime's initial records, in Latin letters like its page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A municipality. `region` and `municipality` are its area ids of level 1 and 2, `neighbourhoods` those of
    level 3. `level` is its price level, 1 for the middle of the country."""

    city: str
    region: int
    municipality: int
    neighbourhoods: tuple[int, ...]
    level: float
    streets: tuple[str, ...]


PLACES = (
    Place(
        "Thessaloniki",
        5,
        12,
        (31, 32, 33),
        1.1,
        ("Tsimiski", "Egnatia", "Mitropoleos", "Agias Sofias", "Ermou", "Karolou Dil", "Vasilissis Olgas"),
    ),
    Place("Kalamaria", 5, 13, (34, 35), 1.2, ("Pontou", "Komninon", "Metamorfoseos", "Adrianoupoleos")),
    Place("Athens", 9, 40, (101, 102, 103, 104), 1.3, ("Patision", "Akadimias", "Solonos", "Acharnon", "Sina")),
    Place("Glyfada", 9, 44, (111, 112), 1.9, ("Metaxa", "Lazaraki", "Gounari", "Saki Karagiorga")),
    Place("Piraeus", 9, 47, (115, 116), 1.1, ("Iroon Polytechniou", "Bouboulinas", "Karaiskou", "Notara")),
    Place("Patras", 7, 28, (71, 72), 0.8, ("Maizonos", "Korinthou", "Agiou Andreou", "Riga Feraiou")),
    Place("Volos", 4, 22, (61,), 0.8, ("Dimitriados", "Iasonos", "Koutarelia", "Polymeri")),
    Place("Heraklion", 13, 58, (141, 142), 1.0, ("Dikaiosynis", "Kalokairinou", "Evans", "Idomeneos")),
)
WOMEN = (
    "Maria", "Eleni", "Katerina", "Vasiliki", "Sofia", "Georgia", "Dimitra", "Ioanna", "Anna", "Despina", "Olga",
    "Fotini",
)  # fmt: skip
MEN = (
    "Giorgos", "Dimitris", "Kostas", "Nikos", "Giannis", "Panagiotis", "Vasilis", "Thanasis", "Christos", "Spyros",
    "Petros", "Stelios",
)  # fmt: skip
SURNAMES = (  # of men and of women
    ("Papadopoulos", "Papadopoulou"), ("Georgiou", "Georgiou"), ("Ioannidis", "Ioannidou"),
    ("Nikolaou", "Nikolaou"), ("Pappas", "Pappa"), ("Vasileiou", "Vasileiou"), ("Karagiannis", "Karagianni"),
    ("Dimopoulos", "Dimopoulou"), ("Makris", "Makri"), ("Antoniou", "Antoniou"), ("Kotsis", "Kotsi"),
    ("Lazaridis", "Lazaridou"), ("Samaras", "Samara"), ("Vlachos", "Vlachou"), ("Zervas", "Zerva"),
    ("Stathopoulos", "Stathopoulou"),
)  # fmt: skip
COMPANIES = ("Aktes Ltd", "Thermaikos Homes", "Notios Development", "Petra Properties")
OFFER_NOTES = (  # that fit any property
    "Needs an answer by the end of the month.",
    "Second visit done.",
    "Comes recommended by an earlier client.",
    "Prefers to sign after the summer.",
    "Has a lawyer who reads the contract.",
    "Lives abroad, papers by courier.",
    "Decides together with a brother.",
)
SALE_NOTES = ("Buyer sells an apartment first.", "Buyer asks for an appointment with the notary.")
LOAN_NOTES = ("Bank has approved the loan in principle.", "Bank sends a valuer next week.")
CASH_NOTES = ("Cash buyer, no loan needed.",)
HOME_NOTES = ("Asks that the kitchen appliances stay.", "Looks for a ground floor because of the stairs.")
RENT_NOTES = ("Could move in at once.", "Has references from an earlier owner.")
ROUND_NOTES = {
    "offer_submitted": ("Signed offer received by e-mail.", "Deposit offered.", "Offer is valid for ten days."),
    "counter_offer": (
        "Owner willing to negotiate.",
        "Owner does not go much lower.",
        "Owner asks for a quick contract.",
    ),
    "buyer_revision": ("Last word.", "Came up after the second visit.", "Came up after a talk with the family."),
    "accepted": ("Both sides agreed by phone.", "Contract is being prepared."),
    "rejected": ("Owner wants to wait for a better offer.", "Difference too large."),
    "withdrawn": ("Found another property.", "Plans have changed."),
    "note": (
        "Called the owner, no answer.",
        "Papers are being checked.",
        "Asked for the papers of the property.",
        "Owner is abroad until Monday.",
        "The visit went well.",
    ),
}
LISTING_NOTES = (
    "Seen on the portal.",
    "Keys at the caretaker.",
    "Visits on Saturdays only.",
    "Let until June.",
    "Owner answers in the evening.",
)
