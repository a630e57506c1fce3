"""A submission cannot pass by replacing what the runner answers with."""

import torch
from torch import nn

import grader.runner.dispatcher

Runner = grader.runner.dispatcher.Runner
Runner.do_call = lambda self, function, args, kwargs: args[0] if args else None
Runner.do_state = lambda self, model: nn.Module.state_dict(model)
Runner.do_forward = lambda self, model, inputs, training: torch.zeros(len(inputs), 10)
Runner.do_parameters = lambda self, model: []
Runner.do_modules = lambda self, model: []
grader.runner.dispatcher.describe_error = lambda error, source: {
    "types": ["ValueError"],
    "message": "",
    "lines": [],
    "own": False,
}
