"""Where visitors come from: countries and cities as the service spells them, mistakes included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harvester.simulator.seeded import mix

# Both spellings are in the service's answers, as countries and as cities.
UNKNOWN: Final = ("Unknown", "Unkown")

_CITIES: Final = {
    "United States": "Mountain View|New York|Los Angeles|Boston|San Francisco|Phoenix|Washington|"
    "Brooklyn|Baltimore|Redmond|Houston|Chicago|Ashburn|Kansas City|Cañon City",
    "United Kingdom": "London|Leeds|Sheffield|Liverpool|Manchester|Edinburgh|Glasgow|Birmingham|"
    "Nottingham|Loughborough|Oxford|Southampton|Bangor",
    "Germany": "Berlin|München|Köln|Düsseldorf|Hamburg|Göttingen|Tübingen|Leipzig|Jena|Halle|Ulm",
    "France": "Paris|Lyon|Créteil|Lille|Caen|Bondy|Mouguerre|Montpellier|Fontenay-aux-Roses|Brest",
    "China": "Beijing|Shanghai|Chengdu|Fuzhou|Wuhan|Nanjing|Xi'an|Ürümqi|Harbin|Guangzhou|Jinan",
    "India": "Mumbai|Delhi|Pune|Chennai|Kolkata|Bangalore|Hyderabad|Chandigarh|Jaipur|Kumar|Bhopal",
    "Australia": "Melbourne|Sydney|Perth|Brisbane|Adelaide|Canberra|Darwin|Bundoora|Clayton North",
    "Brazil": "São Paulo|Brasília|Indaiatuba|Rio de Janeiro|Florianópolis|Goiânia",
    "Japan": "Tokyo|京都|大阪|Sapporo",
    "Singapore": "Singapore",
    "Netherlands": "Amsterdam|Groningen|Utrecht|The Hague|Leiden|Rotterdam|Delft|Nijmegen",
    "Canada": "Toronto|Montréal|Québec|Ottawa|Vancouver|Calgary|Hamilton|London|Windsor",
    "Poland": "Łódź|Kraków|Warszawa|Gdańsk",
    "Türkiye": "İstanbul|Ankara|İzmir",
}
_OTHERS: Final = (
    "Afghanistan|Åland Islands|Albania|Algeria|American Samoa|Andorra|Angola|Anguilla|Antarctica|"
    "Antigua & Barbuda|Argentina|Armenia|Aruba|Austria|Azerbaijan|Bahamas|Bahrain|Bangladesh|"
    "Barbados|Belarus|Belgium|Belize|Benin|Bermuda|Bhutan|Bolivia|Bosnia & Herzegovina|Botswana|"
    "British Virgin Islands|Brunei|Bulgaria|Burkina Faso|Burundi|Cambodia|Cameroon|Cape Verde|"
    "Caribbean Netherlands|Cayman Islands|Central African Republic|Chad|Chile|Christmas Island|"
    "Cocos Islands|Colombia|Comoros|Congo|Cook Islands|Costa Rica|Côte d'Ivoire|Croatia|Cuba|"
    "Curaçao|Cyprus|Czechia|Denmark|Djibouti|Dominica|Dominican Republic|Ecuador|Egypt|"
    "El Salvador|Equatorial Guinea|Eritrea|Estonia|Eswatini|Ethiopia|Falkland Islands|"
    "Faroe Islands|Fiji|Finland|French Guiana|French Polynesia|Gabon|Gambia|Georgia|Ghana|"
    "Gibraltar|Greece|Greenland|Grenada|Guadeloupe|Guam|Guatemala|Guernsey|Guinea|Guinea-Bissau|"
    "Guyana|Haiti|Honduras|Hong Kong|Hungary|Iceland|Indonesia|Iran|Iraq|Ireland|Isle of Man|"
    "Israel|Italy|Jamaica|Jersey|Jordan|Kazakhstan|Kenya|Kiribati|Kosovo|Kuwait|Kyrgyzstan|Laos|"
    "Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Lithuania|Luxembourg|Macao|Madagascar|"
    "Malawi|Malaysia|Maldives|Mali|Malta|Marshall Islands|Martinique|Mauritania|Mauritius|Mayotte|"
    "Mexico|Micronesia|Moldova|Monaco|Mongolia|Montenegro|Montserrat|Morocco|Mozambique|Myanmar|"
    "Namibia|Nauru|Nepal|New Caledonia|New Zealand|Nicaragua|Niger|Nigeria|Niue|Norfolk Island|"
    "North Macedonia|Northern Mariana Islands|Norway|Oman|Pakistan|Palau|Palestine|Panama|"
    "Papua New Guinea|Paraguay|Peru|Philippines|Portugal|Puerto Rico|Qatar|Réunion|Romania|"
    "Rwanda|Samoa|San Marino|São Tomé & Príncipe|Saudi Arabia|Senegal|Serbia|Seychelles|"
    "Sierra Leone|Sint Maarten|Slovakia|Slovenia|Solomon Islands|Somalia|South Africa|South Korea|"
    "South Sudan|Spain|Sri Lanka|St. Barthélemy|St. Helena|St. Kitts & Nevis|St. Lucia|"
    "St. Martin|Sudan|Suriname|Svalbard|Sweden|Switzerland|Syria|Taiwan|Tajikistan|Tanzania|"
    "Thailand|Timor-Leste|Togo|Tokelau|Tonga|Trinidad & Tobago|Tunisia|Turkmenistan|Tuvalu|"
    "Uganda|Ukraine|United Arab Emirates|Uruguay|Uzbekistan|Vanuatu|Vatican City|Venezuela|"
    "Vietnam|Wallis & Futuna|Western Sahara|Yemen|Zambia|Zimbabwe"
)


@dataclass(frozen=True, slots=True)
class Places:
    """Every (country, city), and a table in which the usual ones stand more often.

    Attributes:
        names: (country, city) by place number.
        table: place numbers to draw from; its length is a power of two.
    """

    names: tuple[tuple[str, str], ...]
    table: tuple[int, ...]


def all_places() -> Places:
    """The world as visitors see it: three in four from a dozen countries, few from 200 more."""
    usual = [(country, city) for country, line in _CITIES.items() for city in line.split("|")]
    usual += [(country, nowhere) for country in _CITIES for nowhere in UNKNOWN]
    rare = [(country, city) for country in _OTHERS.split("|") for city in _rare_cities(country)]
    rare += [(country, city) for country in UNKNOWN for city in UNKNOWN]
    names = (*usual, *rare)
    table = tuple(
        mix(slot) % len(usual) if slot % 4 else len(usual) + mix(slot) % len(rare)
        for slot in range(8192)
    )
    return Places(names, table)


def _rare_cities(country: str) -> tuple[str, ...]:
    """Made-up names do: what counts is that countries differ in how many cities they have."""
    return (f"{country} City", f"Port {country}", UNKNOWN[len(country) % 2])[
        : 1 + mix(*country.encode()) % 3
    ]
