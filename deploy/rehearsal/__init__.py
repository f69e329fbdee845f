"""`make rehearse`: the real packages, deployed by the real templates to an emulator of AWS, and used through what came
of it. Not AWS: what an emulator cannot show is listed in `gaps`.
"""
