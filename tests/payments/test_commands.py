"""`payments sweep` at the terminal."""

from tests.make import World, appeal


def test_a_sweep_tells_how_many_it_looked_at(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.checkout.pay(sqlite_world.give())
    result = sqlite_world.app.test_cli_runner().invoke(args=["payments", "sweep"])
    assert (result.exit_code, result.output) == (0, "1 payments looked at.\n")
    assert sqlite_world.app.test_cli_runner().invoke(args=["payments", "sweep"]).output == "0 payments looked at.\n"
