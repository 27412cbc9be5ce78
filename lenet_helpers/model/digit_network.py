"""What all networks of the package share: they know their digits and their scores."""

from torch import Tensor, nn

from lenet_helpers.data import prepare_images


class DigitNetwork(nn.Module):
    """A network that reads digits; subclass it for each.

    Its children are its layers, in the order in which they compute: each takes the
    states of the one before.

    Attributes
    ----------
    title : str
        Its name for readers.
    image_size : int
        Height and width of the images that it takes.
    """

    title: str
    image_size: int

    @staticmethod
    def prepare(pixels: Tensor) -> Tensor:
        """Turn stored digits into the images that this network takes.

        Parameters
        ----------
        pixels : Tensor, (N, 1, 28, 28) uint8
            0 is background, 255 ink.

        Returns
        -------
        Tensor, (N, 1, image_size, image_size) float32
        """
        return prepare_images(pixels)

    def forward(self, images: Tensor) -> Tensor:
        """Compute the outputs, (N, 1, image_size, image_size) to (N, 10).

        Raises
        ------
        ValueError : `images` has another shape, or is of whole numbers.
        """
        self._check(images)
        states = images
        for layer in self.children():
            states = layer(states)
        return states

    def scores(self, images: Tensor) -> Tensor:
        """Give each class a score, the largest to the answer.

        Parameters
        ----------
        images : Tensor, (N, 1, image_size, image_size)

        Returns
        -------
        Tensor, (N, 10)
        """
        return self(images)

    def classify(self, images: Tensor) -> Tensor:
        """Name the class of each image, (N, 1, H, W) to (N,) int64."""
        return self.scores(images).argmax(1)

    def _check(self, images):
        name, size = type(self).__name__, self.image_size
        if images.ndim != 4 or images.shape[1:] != (1, size, size):
            raise ValueError(
                f"`images` of {name} must be (N, 1, {size}, {size}), got "
                f"{tuple(images.shape)}. `{name}.prepare` makes them from stored "
                "digits, (N, 1, 28, 28)."
            )
        if not images.is_floating_point():
            raise ValueError(
                f"`images` of {name} must be prepared, got {images.dtype}: use "
                f"`{name}.prepare`."
            )
