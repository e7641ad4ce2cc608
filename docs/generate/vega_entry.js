// What of Vega the report's page draws with: docs/generate/vega.py makes one script of it.
import { parse, View, Warn } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile } from "vega-lite";
import { Handler } from "vega-tooltip";

window.vega = { compile, expressionInterpreter, Handler, parse, View, Warn };
