"""Pictures: sent by content, one call each because of their size; their order is read back, as Shoper may ignore it."""

from base64 import b64encode
from collections.abc import Sequence

from integrator.api_client import ApiClient
from integrator.canonical.errors import Gone, IntegrationError, MappingError, OutcomeUnknown, Rejected, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Image, Key
from integrator.canonical.side import Exchange, NewElement, Patch, Result
from shops.connectors.shoper import bodies, mapping
from shops.connectors.shoper.rest import ROOT, new_id
from shops.connectors.shoper.writing import Writing

UPLOAD_SECONDS = 75.0


class Pictures:
    def __init__(self, api: ApiClient, writing: Writing) -> None:
        self.api = api
        self.writing = writing
        self.rest = writing.rest
        self.facts = writing.facts

    def create(self, rows: Sequence[NewElement]) -> list[Result]:
        """In the given order, which is the order they get: Shoper puts each new picture after the others.

        When a call fails in a way that does not concern its picture alone, the rest is not sent.
        """
        results: list[Result] = []
        for row in rows:
            try:
                results.append(self._upload(row))
            except Rejected as error:
                results.append(Result(token=row.token, error=error))
            except IntegrationError as error:
                if not results:
                    raise
                results += [Result(token=left.token, error=error) for left in rows[len(results) :]]
                break
        return results

    def _upload(self, row: NewElement) -> Result:
        if not row.content:
            raise Rejected(Code.PICTURE_MISSING, name=row.fields.get("name") or "")
        body = {"product_id": bodies.reference("product", row.owner), "content": b64encode(row.content).decode()}
        name = row.fields.get("name")
        if name:
            body["translations"] = {self.facts.language: {"name": name}}
        answer = self.api.request("POST", ROOT + "product-images", body=body, deadline=UPLOAD_SECONDS)
        try:
            made = new_id(answer.json)
        except Transient:
            made = None
        if made is None:
            raise OutcomeUnknown(Code.UNEXPECTED_ANSWER, status=answer.status, excerpt=answer.excerpt)
        shown = Exchange(request=f"POST {answer.path}\n{len(row.content)} bytes", answer=answer.exchange.answer)
        return Result(token=row.token, key=str(made), image_owner=row.owner, exchange=shown)

    def update(self, rows: Sequence[Patch]) -> list[Result]:
        """Name and place. The record that comes with the result is what the shop kept: it may ignore the place."""
        results = self.writing.update(Kind.IMAGE, rows)
        moved = {row.key for row in rows if "position" in row.fields}
        done = [int(result.key) for result in results if result.ok and result.key in moved]
        kept = self.rest.by_ids("product-images", done) if done else {}
        return [self._with_record(result, kept.get(int(result.token))) if result.ok else result for result in results]

    def _with_record(self, result: Result, row: mapping.Row | None) -> Result:
        if row is None:
            return result
        record = self._image(row)
        return Result(token=result.token, key=result.key, record=record, exchange=result.exchange)

    def _image(self, row: mapping.Row) -> Image | None:
        try:
            return mapping.image(row, self.facts.language)
        except MappingError:
            return None

    def content(self, key: Key) -> bytes:
        """The file as the shop serves it to everybody. Raises Gone."""
        row = self.rest.by_ids("product-images", [int(key)]).get(int(key))
        if row is None:
            raise Gone(key=key)
        return self.api.get(mapping.picture_path(row), sign=False).content
