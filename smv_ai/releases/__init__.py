"""Releases as folders: written, switched to, described, compared, verified, pruned, gone back to; and their history.

Here belongs all that knows what a release folder holds. A release that is read may be damaged or a stranger's: `facts`
reads its facts, `apart` its database, and `folder.find_current` alone tells which is current. How the tables come about
does not belong here.
"""
