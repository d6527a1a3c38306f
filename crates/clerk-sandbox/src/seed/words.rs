//! The words that the data is made up from. Domains, phone numbers and IP addresses are those that
//! are reserved for examples.

/// First and last names that go together.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Culture {
    pub(super) locale: &'static str,
    pub(super) first_names: [&'static str; 8],
    pub(super) last_names: [&'static str; 8],
}

pub(super) const CULTURES: [Culture; 8] = [
    Culture {
        locale: "en-US",
        first_names: [
            "Olivia", "Marcus", "Harper", "Wyatt", "Naomi", "Desmond", "Paige", "Theodore",
        ],
        last_names: [
            "Whitaker", "Holloway", "Bennett", "Sinclair", "Abbott", "Prescott", "Lang", "Mercer",
        ],
    },
    Culture {
        locale: "es-ES",
        first_names: ["Lucía", "José", "Ximena", "Álvaro", "Carmen", "Rafael", "Inés", "Joaquín"],
        last_names: [
            "García",
            "Muñoz",
            "Castellanos",
            "Ibáñez",
            "Peña",
            "Herrera",
            "Ortega",
            "Villanueva",
        ],
    },
    Culture {
        locale: "de-DE",
        first_names: [
            "Anneliese",
            "Jürgen",
            "Sabine",
            "Matthias",
            "Zoë",
            "Florian",
            "Greta",
            "Björn",
        ],
        last_names: [
            "Müller",
            "Schröder",
            "Weiß",
            "Kaufmann",
            "Brandt",
            "Vogel",
            "Lindqvist",
            "Østergård",
        ],
    },
    Culture {
        locale: "fr-FR",
        first_names: [
            "Amélie",
            "François",
            "Chloé",
            "Thibault",
            "Margaux",
            "Étienne",
            "Noémie",
            "Gaël",
        ],
        last_names: [
            "Lefèvre", "Moreau", "Dubois", "Fournier", "Rousseau", "Côté", "Beaumont", "Girard",
        ],
    },
    Culture {
        locale: "hi-IN",
        first_names: ["Priya", "Arjun", "Ananya", "Vikram", "Kavya", "Rohan", "Meera", "Sanjay"],
        last_names: [
            "Sharma",
            "Iyer",
            "Chatterjee",
            "Reddy",
            "Kapoor",
            "Nair",
            "Deshpande",
            "Banerjee",
        ],
    },
    Culture {
        locale: "ja-JP",
        first_names: ["Haruka", "Kenji", "Yūko", "Takumi", "Aiko", "Ryōta", "Mei", "Daichi"],
        last_names: [
            "Tanaka",
            "Satō",
            "Yamamoto",
            "Kobayashi",
            "Nakamura",
            "Itō",
            "Fujimoto",
            "Hayashi",
        ],
    },
    Culture {
        locale: "en-NG",
        first_names: ["Chiamaka", "Emeka", "Adaeze", "Tunde", "Zainab", "Kwame", "Folake", "Sipho"],
        last_names: [
            "Okafor", "Adeyemi", "Mensah", "Nwosu", "Balogun", "Dlamini", "Eze", "Boateng",
        ],
    },
    Culture {
        locale: "pl-PL",
        first_names: ["Łucja", "Paweł", "Zofia", "Mirosław", "Nadia", "Dmytro", "Elif", "Emre"],
        last_names: [
            "Nowak",
            "Wójcik",
            "Kowalczyk",
            "Shevchenko",
            "Yılmaz",
            "Demir",
            "Petrović",
            "Novák",
        ],
    },
];

/// What addresses have for letters outside of ASCII.
pub(super) const ASCII_FORMS: [(char, &str); 19] = [
    ('ß', "ss"),
    ('á', "a"),
    ('å', "a"),
    ('ç', "c"),
    ('è', "e"),
    ('é', "e"),
    ('ë', "e"),
    ('í', "i"),
    ('ñ', "n"),
    ('ó', "o"),
    ('ô', "o"),
    ('ö', "oe"),
    ('ø', "o"),
    ('ü', "ue"),
    ('ć', "c"),
    ('ı', "i"),
    ('ł', "l"),
    ('ō', "o"),
    ('ū', "u"),
];

/// The domains of email addresses, companies first.
pub(super) const EMAIL_DOMAINS: [&str; 9] = [
    "northwind.example",
    "bluefin-analytics.example",
    "cedarworks.example",
    "halcyon-labs.example",
    "meridian.example",
    "mail.example.com",
    "inbox.example.net",
    "post.example.org",
    "example.com",
];

/// The domain of unverified email addresses.
pub(super) const UNVERIFIED_DOMAIN: &str = "unconfirmed.example.net";

pub(super) const DEPARTMENTS: [&str; 6] =
    ["engineering", "design", "sales", "support", "finance", "operations"];

pub(super) const PLANS: [&str; 4] = ["free", "starter", "pro", "enterprise"];

pub(super) const ORGANIZATION_FIRST_WORDS: [&str; 12] = [
    "Northwind",
    "Bluefin",
    "Cedar",
    "Halcyon",
    "Meridian",
    "Copperleaf",
    "Tidewater",
    "Lantern",
    "Ironbridge",
    "Saffron",
    "Quillon",
    "Evergreen",
];

pub(super) const ORGANIZATION_SECOND_WORDS: [&str; 12] = [
    "Robotics",
    "Analytics",
    "Works",
    "Labs",
    "Health",
    "Logistics",
    "Studios",
    "Energy",
    "Foods",
    "Partners",
    "Software",
    "Mobility",
];

/// A device: its type, whether it is mobile, its browser and the browser's version.
pub(super) const DEVICES: [(&str, bool, &str, &str); 6] = [
    ("Macintosh", false, "Chrome", "137.0.7151.55"),
    ("iPhone", true, "Mobile Safari", "18.5"),
    ("Windows", false, "Edge", "137.0.3296.52"),
    ("Linux", false, "Firefox", "139.0"),
    ("Android", true, "Chrome Mobile", "137.0.7151.61"),
    ("iPad", true, "Safari", "18.4"),
];

/// Cities with the codes of their countries.
pub(super) const CITIES: [(&str, &str); 10] = [
    ("Portland", "US"),
    ("Toronto", "CA"),
    ("Valencia", "ES"),
    ("Hamburg", "DE"),
    ("Lyon", "FR"),
    ("Bengaluru", "IN"),
    ("Osaka", "JP"),
    ("Lagos", "NG"),
    ("Kraków", "PL"),
    ("São Paulo", "BR"),
];

/// The first three parts of the IPv4 networks for documentation.
pub(super) const NETWORKS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];
