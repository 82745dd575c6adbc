"""Sign-in: people by OpenID Connect (the pages), programs by bearer tokens of the same provider (the API).

`SignIn` is what is configured, `Provider` what the provider says, `Sessions` who is signed in, `forms` the tokens of
forms. No password is asked for here and no token is issued (decision 0032).
"""
