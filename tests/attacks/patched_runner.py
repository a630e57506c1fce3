"""A submission cannot pass by replacing what the runner answers with.

Runs: do_call, do_parameters, do_modules, do_state, do_forward, describe_error
"""

import sys

import torch
from torch import nn

RUNNER = "grader.runner.dispatcher"
runner = sys.modules[RUNNER]
honest = runner.Runner.do_parameters
MLP = nn.Sequential(nn.Linear(512, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10))


def do_call(self, function, args, kwargs):
    payload_ran("do_call")
    if function == "find_head":
        raise LookupError
    return args[0] if function == "swap_head" else MLP


def do_parameters(self, model):
    payload_ran("do_parameters")
    return [
        {**found, "trainable": found["name"].startswith("fc.")} for found in honest(self, model)
    ]


def do_modules(self, model):
    payload_ran("do_modules")
    kinds = ("Sequential", "Linear", "ReLU", "Dropout", "Linear")
    facts = {"training": True, "linear": False, "rate": 0.5}
    return [{"name": str(n or ""), "type": kind, **facts} for n, kind in enumerate(kinds)]


def do_state(self, model):
    payload_ran("do_state")
    return {"0.weight": torch.zeros(10, 8), "0.bias": torch.zeros(10)}


def do_forward(self, model, inputs, training, device):
    payload_ran("do_forward")
    return torch.zeros(len(inputs), 10)


def describe_error(error, source):
    payload_ran("describe_error")
    return {"types": ["ValueError"], "message": "", "lines": [], "own": False}


for lie in (do_call, do_parameters, do_modules, do_state, do_forward):
    setattr(runner.Runner, lie.__name__, lie)
runner.describe_error = describe_error
