"""Settings of nbgrader for the course's assignments; `make course` copies them."""

c = get_config()  # noqa: F821  (nbgrader brings it)

c.CourseDirectory.course_id = "lenet"
c.CourseDirectory.source_directory = "instructor"
c.CourseDirectory.release_directory = "student"

c.ClearSolutions.code_stub = {"python": "# Your code stands here."}
c.ClearSolutions.text_stub = "*Your reason stands here.*"

# A cell that takes longer, such as an endless loop, is stopped and gets no points; the
# next one is tried. `make test-course` runs all solutions within it.
c.Execute.timeout = 120
