"""What stands between the client and PrestaShop: a web server with its own ideas."""

from dataclasses import dataclass
from urllib.parse import urlencode

from shops.simulation.http import Answer, Request

HTML = "text/html; charset=utf-8"
PAGE = b"<!DOCTYPE html><html><head><title>Sklep</title></head><body><h1>Zapraszamy</h1></body></html>"
LONGEST_LINE = 8190
"""Characters of path and query that Apache takes."""
_WARNING = "<br />\n<b>Warning</b>:  Undefined array key in <b>/var/www/modules/x.php</b> on line <b>7</b><br />\n"


@dataclass
class Hosting:
    """`host` is the right name: others are redirected (None: any is right). `hides_login`: the header Authorization
    does not reach PHP (CGI). `blocked`: methods that the firewall refuses. `warns`: PHP prints before the answer."""

    host: str | None = None
    hides_login: bool = False
    blocked: tuple[str, ...] = ()
    warns: bool = False

    def refusal(self, request: Request, parts: list[str]) -> Answer | None:
        """The answer of a request that does not reach PrestaShop's Webservice."""
        if request.method in self.blocked:
            return Answer(status=405, content=PAGE, content_type=HTML)
        if len(request.path) + len(request.query_string) > LONGEST_LINE:
            return Answer(status=414, content=PAGE, content_type=HTML)
        if self.host is not None and request.headers.get("host", "") != self.host:
            return elsewhere(parts, self.host)
        if self.hides_login:
            request.headers.pop("authorization", None)
        return None

    def passed(self, answer: Answer) -> Answer:
        """An answer on its way back."""
        if self.warns and answer.text:
            answer.text = _WARNING + answer.text
        return answer


def elsewhere(parts: list[str], host: str) -> Answer:
    """The redirect of a wrong host name: to the shop's front page, the path in a parameter."""
    target = f"http://{host}/?{urlencode({'url': '/'.join(parts)}, safe='/')}"
    return Answer(status=302, headers=[("Location", target)], content_type=HTML)
