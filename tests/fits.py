"""A tiny MNIST, a module and a fit, for the tests of Lightning's part."""

import pytorch_lightning as pl
import torch
from torch import nn
from torch.nn import functional

from lenet_helpers import MNIST
from lenet_helpers.training.lightning import (
    History,
    MNISTDataModule,
    make_trainer,
)


def make_mnist(num_train=1200, num_test=200):
    """Make images whose label is the row of a bright bar: easy, and no download."""
    generator = torch.Generator().manual_seed(0)

    def draw(count):
        labels = torch.randint(10, (count,), generator=generator)
        images = torch.randint(60, (count, 1, 28, 28), generator=generator)
        images[torch.arange(count), 0, 4 + 2 * labels, 4:24] = 255
        return images.to(torch.uint8), labels

    return MNIST(*draw(num_train), *draw(num_test), "test")


class Classifier(pl.LightningModule):
    """As the chapters write one: Adam, whose rate falls along a cosine to 0."""

    def __init__(self, network, learning_rate):
        super().__init__()
        self.network, self.learning_rate = network, learning_rate
        self.rates = []

    def forward(self, images):
        return self.network(images)

    def training_step(self, batch, batch_index):
        self.rates.append(self.trainer.optimizers[0].param_groups[0]["lr"])
        images, labels = batch
        return functional.cross_entropy(self(images), labels)

    def validation_step(self, batch, batch_index):
        images, labels = batch
        outputs = self(images)
        accuracy = (outputs.argmax(1) == labels).float().mean()
        options = {"batch_size": len(labels), "sync_dist": True}
        loss = functional.cross_entropy(outputs, labels)
        self.log("validation_loss", loss, **options)
        self.log("validation_accuracy", accuracy, **options)

    def configure_optimizers(self):
        optimizer = torch.optim.Adam(self.parameters(), lr=self.learning_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
            optimizer, T_max=int(self.trainer.estimated_stepping_batches)
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def make_module(learning_rate=0.01):
    torch.manual_seed(0)
    network = nn.Sequential(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(14 * 14, 10))
    return Classifier(network, learning_rate)


def train(
    folder, *, num_epochs=2, callbacks=(), module=None, data=None, options=None, **fit
):
    module = module or make_module()
    history = History()
    trainer = make_trainer(
        num_epochs=num_epochs,
        folder=folder,
        callbacks=[history, *callbacks],
        accelerator="cpu",
        **(options or {}),
    )
    data = data or MNISTDataModule(make_mnist(), batch_size=64)
    trainer.fit(module, data, **fit)
    return module, history.frame(), trainer


class StopAfterFirst(pl.Callback):
    def on_train_epoch_end(self, trainer, module):
        trainer.should_stop = trainer.current_epoch == 0


def get_parameters(module):
    return torch.cat([p.detach().flatten() for p in module.parameters()])
