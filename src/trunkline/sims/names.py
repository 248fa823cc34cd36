"""Made-up people and places; all numbers are fictional 555-01xx ones."""

from typing import NamedTuple


class Place(NamedTuple):
    area: str
    city: str
    state: str
    zip_code: str


PLACES = tuple(
    Place(*line.split("|"))
    for line in """303|Denver|CO|80202
404|Atlanta|GA|30303
706|Blue Ridge|GA|30513
770|Marietta|GA|30060
212|New York|NY|10001
718|Brooklyn|NY|11201
617|Boston|MA|02108
508|Worcester|MA|01608
215|Philadelphia|PA|19103
412|Pittsburgh|PA|15222
202|Washington|DC|20001
704|Charlotte|NC|28202
919|Raleigh|NC|27601
305|Miami|FL|33101
407|Orlando|FL|32801
813|Tampa|FL|33602
615|Nashville|TN|37203
901|Memphis|TN|38103
312|Chicago|IL|60601
630|Naperville|IL|60540
313|Detroit|MI|48226
216|Cleveland|OH|44113
614|Columbus|OH|43215
317|Indianapolis|IN|46204
612|Minneapolis|MN|55401
414|Milwaukee|WI|53202
816|Kansas City|MO|64106
314|St. Louis|MO|63101
214|Dallas|TX|75201
713|Houston|TX|77002
512|Austin|TX|78701
210|San Antonio|TX|78205
505|Albuquerque|NM|87102
602|Phoenix|AZ|85003
520|Tucson|AZ|85701
702|Las Vegas|NV|89101
801|Salt Lake City|UT|84101
208|Boise|ID|83702
213|Los Angeles|CA|90012
415|San Francisco|CA|94103
619|San Diego|CA|92101
916|Sacramento|CA|95814
503|Portland|OR|97205
206|Seattle|WA|98101
509|Spokane|WA|99201
907|Anchorage|AK|99501
808|Honolulu|HI|96813
207|Portland|ME|04101""".splitlines()
)

# fmt: off
FIRST_NAMES = (
    "Alex", "Sam", "Jordan", "Taylor", "Morgan", "Casey", "Riley", "Avery", "Quinn", "Jamie",
    "Drew", "Robin", "Kerry", "Leslie", "Dana", "Jessie", "Toni", "Lee", "Pat", "Chris",
    "Marion", "Noel", "Shawn", "Terry", "Francis", "Blair", "Carey", "Devon", "Ellis", "Harper",
    "Jules", "Kendall",
)
LAST_NAMES = (
    "Roe", "Poe", "Doe", "Smith", "Baker", "Carter", "Fisher", "Mason", "Miller", "Taylor",
    "Turner", "Walker", "Cooper", "Parker", "Weaver", "Hunter", "Gardner", "Porter", "Sawyer", "Thatcher",
    "Brewer", "Carver", "Dyer", "Fletcher", "Glover", "Harper", "Ironside", "Joyner", "Keeler",
)

# fmt: on


def phone(area: str, line: int) -> str:
    """A fictional number in E.164 form."""
    return f"+1{area}55501{line % 100:02d}"
