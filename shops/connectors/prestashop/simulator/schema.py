"""What the Webservice says of itself: the rights of a key, blank forms, synopses."""

from xml.sax.saxutils import quoteattr

from shops.connectors.prestashop.simulator.access import Account
from shops.connectors.prestashop.simulator.fields import Field
from shops.connectors.prestashop.simulator.render import HEAD, TAIL
from shops.connectors.prestashop.simulator.resources import METHODS, NAMES, RESOURCES, Association, Resource
from shops.connectors.prestashop.simulator.versions import Version

_EMPTY = "<![CDATA[]]>"


def rights(shop: str, account: Account, version: Version, root: str) -> str:
    """The granted resources with their methods, under the name of the shop."""
    lines = [f"<api shopName={quoteattr(shop)}>"]
    known = [method for method in METHODS if method != "PATCH" or version.patches]
    for name in NAMES:
        granted = account.rights.get(name)
        if not granted:
            continue
        methods = " ".join(f'{m.lower()}="{str(m in granted).lower()}"' for m in known)
        head = f'xlink:href="{root}{name}" {methods}'
        told = RESOURCES[name].description if name in RESOURCES else "The images"
        lines += [f"<{name} {head}>", f"<description {head}>", f"{told}</description>"]
        if name in RESOURCES:
            lines += [f'<schema xlink:href="{root}{name}?schema={form}" type="{form}"/>' for form in _FORMS]
        lines.append(f"</{name}>")
    return HEAD + "\n".join(lines) + f"\n</api>\n{TAIL}"


_FORMS = ("blank", "synopsis")


def form(resource: Resource, kind: str, version: Version, languages: list[int], root: str) -> str:
    """The empty form of a resource, with types and limits in a synopsis."""
    marked = kind == "synopsis"
    lines = [f"<{resource.node}>"] + ([] if marked else [f"\t<id>{_EMPTY}</id>"])
    for field in resource.shown(version.major).values():
        if field.name == "id":
            continue
        marks = _marks(field, version) if marked else ""
        inner = _EMPTY
        if field.kind == "texts":
            extra = ' format="isUnsignedId" ' if marked else ""
            inner = "".join(
                f'<language id="{k}" xlink:href="{root}languages/{k}"{extra}>{_EMPTY}</language>' for k in languages
            )
        lines.append(f"\t<{field.name}{marks}>{inner}</{field.name}>")
    if resource.associations:
        lines += ["<associations>", *(_list(found, marked) for found in resource.associations), "</associations>"]
    return HEAD + "\n".join(lines) + f"\n</{resource.node}>\n{TAIL}"


def _marks(field: Field, version: Version) -> str:
    required = version.major < field.required
    marks = ' required="true"' if required else ""
    marks += f' maxSize="{field.size}"' if field.size else ""
    marks += ' notFilterable="true"' if field.dynamic else ""
    marks += ' read_only="true" readOnly="true"' if field.readonly else ""
    return marks + (f' format="{field.format}"' if field.format else "")


def _list(association: Association, marked: bool) -> str:
    mark = ' required="true"' if marked else ""
    inner = "".join(f"\t<{name}{mark}>{_EMPTY}</{name}>\n" for name in association.fields)
    node, name = association.node, association.name
    return f'<{name} nodeType="{node}" api="{association.api}">\n\t<{node}>\n{inner}\t</{node}>\n</{name}>'
