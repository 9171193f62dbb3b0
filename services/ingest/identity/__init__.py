"""Who is who: new names recognised, and what people decide about entries of the registry."""
