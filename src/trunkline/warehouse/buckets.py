"""Files in a bucket of an S3-compatible storage, through pyarrow's own client."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trunkline.errors import RetryLater, SettingsError

if TYPE_CHECKING:
    from pyarrow.fs import S3FileSystem

DEFAULT_REGION = "us-east-1"
CONNECT_SECONDS, ANSWER_SECONDS = 10, 60
TRIES = 3
PIECE = 8 << 20
_REFUSED = ("ACCESS_DENIED", "AccessDenied", "INVALID_ACCESS_KEY", "SIGNATURE_DOES_NOT_MATCH", "Forbidden")
_NO_CONNECTION = "NETWORK_CONNECTION"
_MISSING = ("NO_SUCH_BUCKET", "NoSuchBucket", "does not exist")


@dataclass(frozen=True)
class Bucket:
    """A bucket, and the prefix of what is written there. An empty endpoint is Amazon's own."""

    place: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    endpoint: str = ""
    region: str = ""

    def upload(self, path: str, name: str) -> str:
        """Put a local file there under a name; its place. It appears whole or not at all.

        Raises SettingsError where the storage refuses, RetryLater where it does not answer.
        """
        place = f"{self.place.strip('/')}/{name}"
        try:
            with open(path, "rb") as source, self._files().open_output_stream(place) as into:
                while piece := source.read(PIECE):
                    into.write(piece)
        except OSError as error:
            raise self._told(error) from None
        return f"s3://{place}"

    def delete(self, name: str) -> None:
        """Raises as `upload` does."""
        try:
            self._files().delete_file(f"{self.place.strip('/')}/{name}")
        except OSError as error:
            raise self._told(error) from None

    def _files(self) -> "S3FileSystem":
        from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

        address = urlsplit(self.endpoint)
        return S3FileSystem(
            access_key=self.access_key,
            secret_key=self.secret_key,
            region=self.region or DEFAULT_REGION,
            scheme="http" if address.scheme == "http" else "https",
            endpoint_override=address.netloc or None,
            connect_timeout=CONNECT_SECONDS,
            request_timeout=ANSWER_SECONDS,
            retry_strategy=AwsStandardS3RetryStrategy(max_attempts=TRIES),
        )

    def _told(self, error: OSError) -> SettingsError | RetryLater:
        text = str(error)
        for secret in (self.access_key, self.secret_key):
            text = text.replace(secret, "••••")
        line = (text.strip().splitlines() or ["no reason given"])[0][:300]
        if any(word in text for word in _REFUSED):
            return SettingsError(
                f"The storage refuses {self.place}: {line}", todo="Check the target's keys and rights."
            )
        if any(word in text for word in _MISSING):
            return SettingsError(
                f"There is no bucket for {self.place}: {line}", todo="Make it, or check its name."
            )
        if _NO_CONNECTION in text:
            where = urlsplit(self.endpoint).netloc or "Amazon's S3"
            return RetryLater(
                f"The storage of {self.place} cannot be reached at {where}.",
                todo="Check the network and the target's --endpoint, then try again.",
            )
        return RetryLater(
            f"The storage of {self.place} does not answer as it should: {line}",
            todo="Try again later; the former file stays.",
        )
