"""Made-up names, places and sentences of the pretend accounts; all numbers are fictional 555-01xx ones."""

from typing import NamedTuple


class Place(NamedTuple):
    area: str
    city: str
    state: str
    zip_code: str


class Source(NamedTuple):
    """Where callers come from, in the words of a marketing report."""

    name: str
    source_type: str
    medium: str
    referrer: str | None
    campaigns: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


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
SOURCES = (
    Source(
        "Google Ads",
        "google_paid",
        "cpc",
        "https://www.google.com/",
        ("US_branded", "US_generic", "spring_promo"),
        ("peststoppers", "emergency plumber", "pediatric dentist", "auto repair near me", "ice cream cake"),
    ),
    Source("Google Organic", "google_organic", "organic", "https://www.google.com/"),
    Source("Google My Business", "google_my_business", "local", "https://maps.google.com/"),
    Source(
        "Bing Ads",
        "bing_paid",
        "cpc",
        "https://www.bing.com/",
        ("bing_core", "bing_brand"),
        ("plumber open now", "best burgers", "family dentist"),
    ),
    Source("Bing Organic", "bing_organic", "organic", "https://www.bing.com/"),
    Source("Yahoo Organic", "yahoo_organic", "organic", "https://search.yahoo.com/"),
    Source("Facebook", "facebook", "social", "https://www.facebook.com/", ("fb_video", "fb_lookalike")),
    Source("Direct", "direct", "direct", None),
    Source("Review Site", "referral", "referral", "https://reviews.example.com/"),
    Source("Billboard Ad", "offline", "offline", None),
)

COMPANIES = (
    ("Widget Shop", "America/New_York"),
    ("Bob's Burgers", "America/New_York"),
    ("Joe's Icecream", "America/Chicago"),
    ("Bob's Auto Shop", "America/Denver"),
    ("Bright Smile Dental", "America/Los_Angeles"),
    ("Old Mill Plumbing", "America/New_York"),
)

TAGS = (
    *("Conversion", "Sales", "Schedule requested", "Urgent", "Existing customer", "Price question", "Spam"),
    *("Wrong number", "Follow up", "Complaint", "Quote sent", "Job booked", "Voicemail left", "VIP"),
    "Out of area",
)

AGENT_LINES = (
    "Thank you for calling, this call may be recorded for quality. How can I help you today?",
    "Sure, let me look that up for you.",
    "Can I have your name and the best number to reach you?",
    "We have an opening tomorrow morning between nine and eleven.",
    "The estimate is free, and we only charge once you approve the work.",
    "I am sorry to hear that, let me see what I can do.",
    "I will send you the confirmation by e-mail.",
    "Is there anything else I can help you with?",
    "Yes, we are open on Saturdays until two.",
    "One moment please while I check with the manager.",
)
CALLER_LINES = (
    "Hi, I saw your ad and wanted to ask about the price.",
    "I would like to schedule an appointment for this week.",
    "It stopped working last night and it is getting worse.",
    "Do you come out to our part of town?",
    "That works for me, thank you.",
    "How long does it usually take?",
    "I called yesterday and nobody got back to me.",
    "Could you send me a quote by e-mail?",
    "My neighbour recommended you.",
    "No, that is all. Have a good day.",
)
SUMMARIES = (
    "The caller asked about prices and booked an appointment for later this week.",
    "The caller wanted to know the opening hours; the agent answered and offered a quote.",
    "The caller reported a problem with an earlier job. The agent promised a call back.",
    "The caller asked whether the area is served and left contact details.",
)
SPOTTED = ("appointment", "free estimate", "quote", "emergency", "discount", "test phrase one")
NOTES = ("Call back on Monday", "Asked for the manager", "Sent the quote", "Prefers e-mail", "Left a message")
MESSAGES = (
    "Hi, are you open today?",
    "Yes, until six. How can we help?",
    "Could I get a quote?",
    "Your appointment is confirmed for tomorrow at 10.",
    "Thanks, see you then!",
)
BROWSERS = ("Chrome", "Safari", "Firefox", "Edge")


def phone(area: str, line: int) -> str:
    """A fictional number in E.164 form."""
    return f"+1{area}55501{line % 100:02d}"


def formatted(number: str | None) -> str | None:
    return f"{number[2:5]}-{number[5:8]}-{number[8:]}" if number else None
