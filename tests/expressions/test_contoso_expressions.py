"""The expressions of a real server export: all of them compile, and say something sensible about generated objects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.compiler import Expression, compile_expression
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.expressions.parser import parse
from adsyncdiag.expressions.printer import print_expression
from adsyncdiag.model.values import Value

PARAMETERS = {
    "Domain.FQDN": "contoso.com",
    "Domain.Netbios": "CONTOSO",
    "Forest.FQDN": "contoso.com",
    "Forest.Netbios": "CONTOSO",
    "Connector.ID": "{ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d}",
}
OWN_ERRORS = {
    "AccountName is not present",
    "SourceAnchor attribute has changed.",
    "Maximum Group member count exceeded",
}


@pytest.fixture(scope="module")
def expressions(contoso: Path) -> list[Expression]:
    """Every distinct expression of the export."""
    texts = {
        element.text
        for file in (contoso / "SynchronizationRules").glob("*.xml")
        for element in ElementTree.parse(file).iter("expression")
        if element.text
    }
    return [compile_expression(text) for text in sorted(texts)]


def test_all_86_compile_without_a_warning(expressions: list[Expression]) -> None:
    """The grammar covers every shipped expression, and none depends on an order that is open."""
    assert len(expressions) == 86
    assert [expression.warnings for expression in expressions if expression.warnings] == []


def test_all_read_the_same_when_printed(expressions: list[Expression]) -> None:
    """Printing and parsing again changes no shipped expression."""
    for expression in expressions:
        assert parse(print_expression(expression.node)) == expression.node


@pytest.mark.parametrize("object_type", ["user", "group", "contact", "computer"])
def test_all_evaluate_on_generated_objects(
    expressions: list[Expression], generated: Callable[[str, int], list[dict[str, Value]]], object_type: str
) -> None:
    """No shipped expression fails on a well-formed object, except by its own Error(…) or on what the object type never has."""
    for attributes in generated(object_type, 30):
        context = Context(attributes, None, PARAMETERS)
        for expression in expressions:
            try:
                expression.evaluate(context)
            except EvaluationError as error:
                assert error.message in OWN_ERRORS, (expression.text, error.message)  # noqa: PT017


def test_flows_of_a_user_give_what_the_rules_intend(expressions: list[Expression]) -> None:
    """One ordinary user through the shipped flows, value by value."""
    context = Context(
        {
            "dn": "CN=Ann,OU=Corp,DC=contoso,DC=com",
            "cn": "Ann",
            "sAMAccountName": "ann",
            "objectGUID": bytes(range(16)),
            "userAccountControl": 512,
            "description": (" boss ", "x"),
            "proxyAddresses": (" SMTP:ann@contoso.com", "SMTP:ann@contoso.com"),
            "pwdLastSet": 130543784930000000,
        },
        None,
        PARAMETERS,
    )
    values = {
        expression.text: expression.evaluate(context) for expression in expressions if "Error" not in expression.text
    }
    values |= {e.text: e.evaluate(context) for e in expressions if "AccountName" in e.text}
    wanted = {
        "IIF(IsNullOrEmpty([displayName]),[cn],[displayName])": "Ann",
        "IIF(BitAnd([userAccountControl],2)=0,True,False)": True,
        "IIF(IsNullOrEmpty([description]),NULL,Left(Trim(Item([description],1)),448))": "boss",
        "Left(Trim([info]),448)": "",
        'RemoveDuplicates(Trim(ImportedValue("proxyAddresses")))': ("SMTP:ann@contoso.com",),
        "ConvertToBase64([objectGUID])": "AAECAwQFBgcICQoLDA0ODw==",
        "%Connector.ID%": "{ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d}",
        'IIF(IsPresent([userPrincipalName]),[userPrincipalName], IIF(IsPresent([sAMAccountName]),([sAMAccountName]&"@"&'
        '%Domain.FQDN%),Error("AccountName is not present")))': "ann@contoso.com",
        'IIF(IsPresent([pwdLastSet]),CStr(FormatDateTime(DateFromNum([pwdLastSet]),"yyyyMMddHHmmss.0Z")),NULL)': "20140905081453.0Z",
        "IIF(IsNullOrEmpty([countryCode]),IgnoreThisFlow,[countryCode])": values[
            "IIF(IsNullOrEmpty([usageLocation]),IgnoreThisFlow,[usageLocation])"
        ],
    }
    assert {text: values[text] for text in wanted} == wanted
