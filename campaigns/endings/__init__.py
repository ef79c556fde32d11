"""How a petition ends: closed and reopened, answered, won."""
