/** What can be done at the machine of the appliance by whoever has access to its secrets. */
export const usage = `Commands at the machine, while everything runs. Each tells more with --help.

  doctor           say what is wrong with this installation, and what to do
  backup           database and secrets in one file
  restore          a backup, into an appliance that holds nothing
  drill            prove that the newest backup restores
  secrets rotate   new keys for tokens and the audit trail, a new master key
  audit verify     prove that the audit trail is as it was written
  admin unlock     lift the delay after failed logins
  admin recover    let in again who cannot log in any more, as an operator, too

With Docker:        docker compose run --rm operate COMMAND
                    (backup, restore, drill: docker compose run --rm COMMAND)
Beside npm start:   npm run --silent operate -- COMMAND
Else:               latchkey COMMAND, with the settings of the server
`;
