"""The tools, resources and prompts that the conformance suite asks for by name, on the wiring of the product.

    .venv/bin/python scripts/conformance/fixtures.py 8766     # answers at http://127.0.0.1:8766/mcp

The product has tools of its own and no resources or prompts, so most scenarios of `@modelcontextprotocol/conformance`
have nothing to ask it for. `expertfinder.http.mcp.http_app` carries the product's tools; here it carries the suite's.
"""

from __future__ import annotations

import base64
import sys
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.types import AudioContent, EmbeddedResource, ImageContent, TextContent, TextResourceContents

from expertfinder.http.mcp import http_app

PNG = base64.b64encode(bytes.fromhex("89504e470d0a1a0a0000000d49484452")).decode()
WAV = base64.b64encode(b"RIFF\x24\x00\x00\x00WAVEfmt ").decode()
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {"address": {"type": "object", "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
    "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"}},
    "additionalProperties": False,
}
IMAGE = ImageContent(type="image", data=PNG, mime_type="image/png")


def embedded(uri: str, kind: str, text: str) -> EmbeddedResource:
    """A text within an answer."""
    return EmbeddedResource(type="resource", resource=TextResourceContents(uri=uri, mime_type=kind, text=text))


def made() -> MCPServer[Any]:
    """The suite's own server."""
    suite: MCPServer[Any] = MCPServer("fixtures", log_level="WARNING")

    @suite.tool(description="A tool of the suite.")
    def test_simple_text() -> TextContent:
        return TextContent(type="text", text="This is a simple text response for testing.")

    @suite.tool(description="A tool of the suite.")
    def test_image_content() -> ImageContent:
        return IMAGE

    @suite.tool(description="A tool of the suite.")
    def test_audio_content() -> AudioContent:
        return AudioContent(type="audio", data=WAV, mime_type="audio/wav")

    @suite.tool(description="A tool of the suite.")
    def test_embedded_resource() -> EmbeddedResource:
        return embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")

    @suite.tool(description="A tool of the suite.")
    def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
        data = embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}')
        return [TextContent(type="text", text="Multiple content types test:"), IMAGE, data]

    @suite.tool(description="A tool of the suite.")
    def test_error_handling() -> str:
        raise ToolError("This tool intentionally returns an error for testing")

    @suite.tool(description="A tool of the suite.")
    def json_schema_2020_12_tool(name: str) -> str:
        return name

    suite._tool_manager._tools["json_schema_2020_12_tool"].parameters = SCHEMA  # as the suite wants it, word for word

    @suite.resource("test://static-text", mime_type="text/plain")
    def static_text() -> str:
        return "This is the content of the static text resource."

    @suite.resource("test://static-binary", mime_type="image/png")
    def static_binary() -> bytes:
        return base64.b64decode(PNG)

    @suite.resource("test://template/{id}/data", mime_type="application/json")
    def template(id: str) -> str:
        return f'{{"id":"{id}","templateTest":true,"data":"Data for ID: {id}"}}'

    @suite.prompt(description="A prompt of the suite.")
    def test_simple_prompt() -> str:
        return "This is a simple prompt for testing."

    @suite.prompt(description="A prompt of the suite.")
    def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @suite.prompt(description="A prompt of the suite.")
    def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803  (the suite's name)
        text = "Embedded resource content for testing."
        asked = "Please process the embedded resource above."
        return [UserMessage(embedded(resourceUri, "text/plain", text)), UserMessage(asked)]

    @suite.prompt(description="A prompt of the suite.")
    def test_prompt_with_image() -> list[UserMessage]:
        return [UserMessage(IMAGE), UserMessage("Please analyze the image above.")]

    return suite


if __name__ == "__main__":
    uvicorn.run(http_app(made(), path="/mcp"), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
