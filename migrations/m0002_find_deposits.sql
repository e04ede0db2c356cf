-- Deposits, which whoever unlocks next seals again: found without a look at any other secret.
CREATE INDEX secrets_deposited ON secrets (owner) WHERE substr(sealed, 1, 1) = x'02';
