"""Batches of rows kept in a file until all of an answer has been read."""

from collections.abc import Iterator

import pyarrow as pa

from trunkline.fetch.temporary_files import temporary_file, written


class Spool:
    """Batches in a file without a name: none is used before the last one is there, none stays in memory.

    Columns may differ from batch to batch.
    """

    def __init__(self) -> None:
        self.file = temporary_file()
        self._lengths: list[int] = []

    def __len__(self) -> int:
        return len(self._lengths)

    def cut(self, batches: int) -> None:
        """Keep only so many of the first batches."""
        del self._lengths[batches:]
        self.file.seek(sum(self._lengths))
        self.file.truncate()

    def write(self, batch: pa.RecordBatch) -> None:
        """Raises SettingsError where there is no room."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as stream:
            stream.write_batch(batch)
        content = memoryview(sink.getvalue())
        written(self.file, content)
        self._lengths.append(content.nbytes)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The batches, in their order."""
        self.file.seek(0)
        for length in self._lengths:
            content = self.file.read(length)
            yield pa.ipc.open_stream(pa.py_buffer(content)).read_next_batch()
