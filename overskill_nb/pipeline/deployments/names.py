"""What an app is called where it is deployed."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from ...errors import DeploymentError

LONGEST = 63 - len("--preview")
"""A DNS label has 63 characters; addresses outside production end in the environment's name."""


def slug(name: str) -> str:
    """The DNS label that an app's name becomes: ``"Tip Calculator"`` is deployed as ``tip-calculator``.

    Lower case; accents go; every run of other characters than letters and digits becomes one dash. What is too long
    is cut, and ends in a hash of the whole, so that two long names do not become one.
    """
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    label = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")
    if not label:
        raise DeploymentError(
            f"The app's name '{name[:80]}' has no letter a-z and no digit, so that no address can be made of it; "
            "rename its folder."
        )
    if len(label) > LONGEST:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        label = f"{label[: LONGEST - 9].rstrip('-')}-{digest}"
    return label
