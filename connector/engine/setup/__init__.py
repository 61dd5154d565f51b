"""Setting a connection up: look, plan, act, prove, take back. Each step is recorded before and after it is done."""
