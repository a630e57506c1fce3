"""One thread, as in the sandbox: with two, small operations are slower on a busy machine."""

import torch

torch.set_num_threads(1)
