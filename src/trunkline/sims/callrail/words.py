"""Made-up companies, sources and sentences of the pretend CallRail's accounts."""

from typing import NamedTuple


class Source(NamedTuple):
    """Where callers come from, in the words of a marketing report."""

    name: str
    source_type: str
    medium: str
    referrer: str | None
    campaigns: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


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


def formatted(number: str | None) -> str | None:
    return f"{number[2:5]}-{number[5:8]}-{number[8:]}" if number else None
