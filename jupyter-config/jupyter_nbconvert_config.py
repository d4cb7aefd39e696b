# Installed with overskill_nb: `jupyter nbconvert --to html` shows its previews live.
c = get_config()  # noqa: F821
c.HTMLExporter.preprocessors.append("overskill_nb.exporting.LivePreviews")
